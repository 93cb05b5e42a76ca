import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { given } from '../../support/given.js';
import { people } from '../../support/contacts.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { numberOf } from '../../support/upload.js';

const MESSAGES = `query ($id: ID!, $first: Int, $after: String, $filter: MessageFilter) {
  contact(ref: { id: $id }) { messages(first: $first, after: $after, filter: $filter) { nodes { id } totalCount pageInfo { hasNextPage endCursor } } }
}`;
const LISTED = `query ($filter: MessageFilter) { messages(filter: $filter) { nodes { id contact { id } } totalCount } }`;

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

let used = 0;
const newNumber = (): string => numberOf(used++);
const ids = (list: { nodes: { id: string }[] }): string[] => list.nodes.map(({ id }) => id);
const messagesOf = async (id: string, variables: object = {}): Promise<any> =>
  (await run.api.query(MESSAGES, { id, ...variables })).contact.messages;
const send = async (to: string, input: object = {}): Promise<string> => (await given.scheduled(run.api, { to, ...input })).id;

describe('messages of a contact', () => {
  test('are those to any address of the person, also from before anybody knew whose it is', async () => {
    const [first, second] = [newNumber(), newNumber()];
    const sent = [await send(first), await send(second), await send(first, { topic: 'news' })].toReversed();
    await send(newNumber());
    await people.contact(run.api, { externalId: 'C-1', phone: first });
    const { id } = await people.contact(run.api, { externalId: 'C-1', phone: second });
    expect(await messagesOf(id)).toMatchObject({ nodes: sent.map((one) => ({ id: one })), totalCount: 3 });
    expect(ids(await messagesOf(id, { filter: { topic: 'news' } }))).toEqual([sent[0]]);
    const page = await messagesOf(id, { first: 2 });
    expect([ids(page), page.pageInfo.hasNextPage]).toEqual([sent.slice(0, 2), true]);
    expect(ids(await messagesOf(id, { first: 2, after: page.pageInfo.endCursor }))).toEqual(sent.slice(2));
  });

  test('are found by contactId, and know whose they are', async () => {
    const phone = newNumber();
    const { id } = await people.contact(run.api, { phone });
    const message = await send(phone);
    const list = async (filter: object) => (await run.api.query(LISTED, { filter })).messages;
    expect(await list({ contactId: id })).toEqual({ nodes: [{ id: message, contact: { id } }], totalCount: 1 });
    expect(ids(await list({ contactId: id, to: phone }))).toEqual([message]);
    expect(ids(await list({ contactId: id, to: newNumber() }))).toEqual([]);
    for (const contactId of ['nobody', message]) expect(ids(await list({ contactId }))).toEqual([]);
    const unknown = newNumber();
    await send(unknown);
    expect((await list({ to: unknown })).nodes[0].contact).toBeNull();
  });

  test('stay theirs when two contacts turn out to be one', async () => {
    const [phone, email] = [newNumber(), 'one@example.org'];
    const [byPhone, byMail] = [await people.contact(run.api, { phone }), await people.contact(run.api, { externalId: 'C-2', email })];
    const message = await send(phone);
    await people.contact(run.api, { phone, email });
    for (const { id } of [byPhone, byMail]) expect(ids(await messagesOf(id))).toEqual([message]);
    expect((await run.api.query(LISTED, { filter: { contactId: byPhone.id } })).messages.nodes).toEqual([
      { id: message, contact: { id: byMail.id } },
    ]);
  });

  test('are nobody’s business of a SENDER', async () => {
    const { sender } = await run.withTenant('demo');
    const message = await send(newNumber());
    expect(await sender.execute('query ($id: ID!) { message(id: $id) { contact { id } } }', { id: message })).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

test('the number of statements for contacts with all that hangs on them does not depend on how many there are', async () => {
  const query = `{ contacts(first: 20) { totalCount nodes { id name phone email identities { address } consents { state statement } consentHistory { verified }
    preferences { topic } messages(first: 2) { totalCount nodes { id contact { id } } } } } }`;
  const count = async (): Promise<number> => {
    const sent = vi.spyOn(Client.prototype, 'query');
    await run.api.query(query).finally(() => sent.mockRestore());
    return sent.mock.calls.length;
  };
  const { admin } = await run.withTenant('demo');
  const fill = async (): Promise<void> => {
    const phone = newNumber();
    await people.grant(admin, { id: (await people.contact(admin, { phone })).id });
    await send(phone);
  };
  await fill();
  const before = Math.min(await count(), await count(), await count());
  for (let n = 0; n < 10; n++) await fill();
  expect(Math.min(await count(), await count(), await count())).toBe(before);
  expect(before).toBeLessThanOrEqual(15);
});
