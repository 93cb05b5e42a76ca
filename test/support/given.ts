import { expect } from 'vitest';
import { eventually } from './eventually.js';
import type { TestApi } from './gql.js';
import { GRANT_CONSENT, MESSAGE, SEND, SEND_BULK, UPSERT_CONTACT } from './operations.js';
import { rowsOf } from './stored.js';
import type { TestApp } from './test-app.js';

type Input = Record<string, unknown>;

/** Reached by the simulator, and by nobody else: the range is kept for fiction. */
export const NUMBER = '+14155550100';

export const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

export const readMessage = async (api: TestApi, id: string): Promise<any> => (await api.query(MESSAGE, { id })).message;

/** The message once it has that status. */
export async function messageIn(api: TestApi, status: string, id: string): Promise<any> {
  await eventually(
    async () => expect((await api.query('query ($id: ID!) { message(id: $id) { status } }', { id })).message).toEqual({ status }),
    10_000,
  );
  return readMessage(api, id);
}

/** All that was sent to the contact, a question too, has reached them. */
export const reached = (api: TestApi, contactId: string): Promise<void> =>
  eventually(async () => {
    const statuses = 'query ($id: ID!) { contact(ref: { id: $id }) { messages { nodes { status } } } }';
    const { nodes } = (await api.query(statuses, { id: contactId })).contact.messages;
    for (const { status } of nodes) expect(status).toMatch(/^(DELIVERED|READ)$/);
  }, 10_000);

/** Makes what a test starts from, through the API. */
export const given = {
  /** As it was accepted. */
  async message(api: TestApi, input: Input = {}): Promise<any> {
    const { sendMessage } = await api.mutate(SEND, { input: { to: NUMBER, body: 'Hello', ...input } });
    expect(sendMessage.userErrors).toEqual([]);
    return sendMessage.message;
  },

  delivered: async (api: TestApi, input: Input = {}): Promise<any> => messageIn(api, 'DELIVERED', (await given.message(api, input)).id),

  /** The provider has it, and no receipt comes. */
  sent: async (api: TestApi, input: Input = {}): Promise<any> =>
    messageIn(api, 'SENT', (await given.message(api, { to: '+15005550014', ...input })).id),

  /** A dead letter. */
  failed: async (api: TestApi, input: Input = {}): Promise<any> =>
    messageIn(api, 'FAILED', (await given.message(api, { to: '+15005550001', ...input })).id),

  /** Does not move while a test runs. */
  scheduled: (api: TestApi, input: Input = {}): Promise<any> => given.message(api, { sendAt: inSeconds(3600), ...input }),

  async batch(api: TestApi, input: Input = {}): Promise<any> {
    const { sendBulk } = await api.mutate(SEND_BULK, { input: { name: 'Batch', body: 'Hello', recipients: [{ to: NUMBER }], ...input } });
    expect(sendBulk.userErrors).toEqual([]);
    return sendBulk.batch;
  },

  async contact(api: TestApi, input: Input = { phone: NUMBER }): Promise<any> {
    const { upsertContact } = await api.mutate(UPSERT_CONTACT, { input });
    expect(upsertContact.userErrors).toEqual([]);
    return upsertContact.contact;
  },

  /** Of somebody known by the number, to MARKETING by SMS unless the input says otherwise. */
  async consent(api: TestApi, phone: string = NUMBER, input: Input = {}): Promise<any> {
    const contact = await given.contact(api, { phone });
    const { grantConsent } = await api.mutate(GRANT_CONSENT, {
      input: { contact: { id: contact.id }, channels: ['SMS'], categories: ['MARKETING'], statement: 'Yes, please.', ...input },
    });
    expect(grantConsent.userErrors).toEqual([]);
    return contact;
  },

  /** They have written by WhatsApp, and can be answered for a day. */
  async session(run: TestApp, phones: readonly string[] = [NUMBER], api = run.api): Promise<void> {
    const contacts = await Promise.all(phones.map((phone) => given.contact(api, { phone })));
    await rowsOf(
      run,
      `insert into conversations (id, tenant_id, contact_id, channel, state, last_activity_at, session_expires_at, created_at, address_hash)
       select gen_random_uuid(), tenant_id, contact_id, 'WHATSAPP', 'OPEN', now(), now() + interval '1 day', now(), address_hash
       from contact_identities where channel = 'SMS' and contact_id in (${contacts.map(({ id }) => `'${id}'`).join(', ')})`,
    );
  },
};
