import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { people, readContact } from '../support/contacts.js';
import { eventually } from '../support/eventually.js';
import { given, messageIn, readMessage } from '../support/given.js';
import { hears, writes } from '../support/incoming.js';
import { SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let last = 0;
/** Of somebody who has not written yet. */
const somebody = (): string => `+1415556${String(1000 + ++last)}`;

beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const answersTo = async (inboundId: string): Promise<any[]> =>
  (
    await run.api.query(`query ($filter: MessageFilter) { messages(filter: $filter) { nodes { id status category body language } } }`, {
      filter: { reference: `inbound:${inboundId}` },
    })
  ).messages.nodes;

const WAITING = `select from pg_locks l join pg_database d on d.oid = l.database
  where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;

const CONSENTS = `query ($phone: String!) { contact(ref: { phone: $phone }) { consents { channel category state source }
  consentHistory { to source evidence verified } } }`;

describe('STOP', () => {
  test('stops the channel, withdraws the consents, and is confirmed once around the block', async () => {
    const from = somebody();
    const message = await hears(run, 'STOP', { from });
    expect(message).toMatchObject({ intent: 'OPT_OUT', answer: 'SENT', review: null });
    const [confirmation, ...more] = await answersTo(message.id);
    expect(more).toEqual([]);
    expect(confirmation).toMatchObject({ category: 'SERVICE', language: 'en' });
    await messageIn(run.api, 'DELIVERED', confirmation.id);
    const { contact } = await run.api.query(CONSENTS, { phone: from });
    expect(contact.consents).toContainEqual({ channel: 'SMS', category: 'MARKETING', state: 'WITHDRAWN', source: 'KEYWORD' });
    expect(contact.consentHistory[0]).toMatchObject({ evidence: { inboundMessage: message.id }, verified: true });
    const { sendMessage } = await run.api.mutate(SEND, { input: { to: from, body: 'Hello' } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
  });

  test('takes back what waits to be sent', async () => {
    const from = somebody();
    const waiting = await given.scheduled(run.api, { to: from });
    await hears(run, 'unsubscribe', { from });
    expect(await readMessage(run.api, waiting.id)).toMatchObject({ status: 'SUPPRESSED', attempts: 0 });
  });

  test('waits for the claims of the person’s other number before it locks anything, and takes back what they left', async () => {
    const [from, other] = [somebody(), somebody()];
    for (const phone of [from, other]) await given.contact(run.api, { phone, externalId: `two-${from}` });
    const waiting = await given.scheduled(run.api, { to: other, category: 'UTILITY' });
    await run.app.core.db.transaction(async (tx) => {
      await sql`select pg_advisory_xact_lock_shared(address_place(tenant_id, to_hash)) from messages where id = ${waiting.id}`.execute(tx);
      await writes(run, 'STOP', { from });
      await eventually(async () => expect(await rowsOf(run, WAITING)).toHaveLength(1));
      await rowsOf(run, `select from contacts where external_id = 'two-${from}' for update nowait`);
      expect(await readMessage(run.api, waiting.id)).toMatchObject({ status: 'SCHEDULED' });
    });
    await eventually(async () => expect(await readMessage(run.api, waiting.id)).toMatchObject({ status: 'SUPPRESSED', attempts: 0 }));
  });

  test('from a user id that two people have is of the one whom the account knows by it, and stops the address', async () => {
    const written = { channel: 'WHATSAPP', from: 'SA.2001', to: '+14155550199' } as const;
    const known = { externalId: 'known', whatsAppUserId: written.from, whatsAppScope: written.to };
    const { id } = await people.contact(run.api, known);
    const other = await people.contact(run.api, { externalId: 'other', whatsAppUserId: 'SA.2002' });
    // As it may be in databases from before two upserts at once were kept from it.
    await sql`
      update contact_identities i set address_hash = o.address_hash, sealed = o.sealed from contact_identities o
      where i.contact_id = ${other.id} and o.contact_id = ${id}`.execute(run.app.core.db.sql);
    expect(await hears(run, 'STOP', written)).toMatchObject({ intent: 'OPT_OUT', conversation: { contact: { id } } });
    expect((await readContact(run.api, other.id)).consents).toEqual([]);
    const { sendMessage } = await run.api.mutate(SEND, { input: { to: written.from, body: 'Hello', channels: ['WHATSAPP'] } });
    expect(sendMessage.userErrors).toContainEqual(expect.objectContaining({ code: 'OPTED_OUT' }));
  });

  test('that is repeated is not confirmed again', async () => {
    const from = somebody();
    await hears(run, 'STOP', { from });
    const again = await hears(run, 'stop please', { from });
    expect(again).toMatchObject({ intent: 'OPT_OUT', answer: 'ALREADY_SENT' });
    expect(await answersTo(again.id)).toEqual([]);
  });

  test('that the provider has answered is not answered by us', async () => {
    const message = await hears(run, 'STOP', { from: somebody(), optOutType: 'STOP' });
    expect(message).toMatchObject({ intent: 'OPT_OUT', answer: 'BY_PROVIDER' });
    expect(await answersTo(message.id)).toEqual([]);
  });

  test('counts where only the provider knows the word', async () => {
    const message = await hears(run, 'ARRIVEDERCI', { from: somebody(), optOutType: 'STOP' });
    expect(message).toMatchObject({ intent: 'OPT_OUT', answer: 'BY_PROVIDER' });
  });

  test.each([
    ['إلغاء الاشتراك', 'ar', 'ابدأ'],
    ['बंद करो', 'hi', 'शुरू'],
    ['ALTO', 'es', 'INICIAR'],
    ['arrêt', 'fr', 'DEBUT'],
  ])('%s is answered in %s', async (word, language, expected) => {
    const message = await hears(run, word, { from: somebody() });
    const [answer] = await answersTo(message.id);
    expect(answer).toMatchObject({ language, body: expect.stringContaining(expected) });
  });

  test('is answered in the language of a person who is known', async () => {
    const from = somebody();
    await run.api.mutate(`mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { userErrors { code } } }`, {
      input: { phone: from, language: 'ar' },
    });
    const [answer] = await answersTo((await hears(run, 'STOP', { from })).id);
    expect(answer.language).toBe('ar');
  });

  test('on one channel leaves the other', async () => {
    const from = somebody();
    await hears(run, 'STOP', { from, channel: 'WHATSAPP' });
    expect(await given.delivered(run.api, { to: from })).toMatchObject({ channel: 'SMS' });
  });
});

describe('START', () => {
  test('lifts what STOP has set, and is confirmed', async () => {
    const from = somebody();
    await hears(run, 'STOP', { from });
    expect(await hears(run, 'START', { from })).toMatchObject({ intent: 'OPT_IN', answer: 'SENT' });
    await given.delivered(run.api, { to: from });
  });

  test('lifts nothing that a caller has withdrawn', async () => {
    const from = somebody();
    const input = { contact: { phone: from }, channels: ['SMS'], categories: ['UTILITY'] };
    await run.api.mutate(`mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { userErrors { code } } }`, {
      input: { phone: from },
    });
    await run.api.mutate(`mutation ($input: ConsentInput!) { withdrawConsent(input: $input) { userErrors { code } } }`, { input });
    expect(await hears(run, 'START', { from })).toMatchObject({ intent: 'OPT_IN', answer: 'NONE' });
    const { sendMessage } = await run.api.mutate(SEND, { input: { to: from, body: 'Hello' } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
  });

  test('without a STOP before it is not answered', async () => {
    expect(await hears(run, 'START', { from: somebody() })).toMatchObject({ intent: 'OPT_IN', answer: 'NONE' });
  });
});

test('HELP is answered, and changes no consent', async () => {
  const message = await hears(run, 'مساعدة', { from: somebody() });
  expect(message).toMatchObject({ intent: 'HELP', answer: 'SENT' });
  const [answer] = await answersTo(message.id);
  expect(answer.language).toBe('ar');
  expect(await rowsOf(run, `select 1 from consent_events where contact_id = '${message.conversation.contact.id}'`)).toEqual([]);
});

test('a confirmation is held back neither by a cap of SERVICE nor by its quiet hours', async () => {
  const update = (input: object) =>
    run.api.mutate('mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { code } } }', { input });
  onTestFinished(async () => void (await update({ quietHours: null, frequencyCaps: null })));
  const clock = (hours: number): string => new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16);
  const from = somebody();
  await given.delivered(run.api, { to: from, category: 'SERVICE' });
  await update({
    timeZone: 'UTC',
    quietHours: { start: clock(-2), end: clock(2), categories: ['SERVICE'] },
    frequencyCaps: [{ category: 'SERVICE', max: 1, perSeconds: 3600 }],
  });
  const [{ id }] = await answersTo((await hears(run, 'STOP', { from })).id);
  const { explanation } = await messageIn(run.api, 'DELIVERED', id);
  const waived = explanation.checks.filter(({ detail }: any) => detail === "The one answer to the person's STOP.");
  expect(waived.map(({ rule }: any) => rule)).toEqual(expect.arrayContaining(['SUPPRESSION', 'FREQUENCY_CAP', 'QUIET_HOURS']));
});

test('a confirmation is held back from nobody: it passes a STOP that is claimed after it', async () => {
  const from = somebody();
  const first = await hears(run, 'STOP', { from });
  await hears(run, 'STOP', { from });
  const [confirmation] = await answersTo(first.id);
  await eventually(async () => expect(await readMessage(run.api, confirmation.id)).toMatchObject({ status: 'DELIVERED' }));
});
