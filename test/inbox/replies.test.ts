import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { people } from '../support/contacts.js';
import { given } from '../support/given.js';
import { hears, REPLY } from '../support/incoming.js';
import { erase } from '../support/known-person.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const READ = `query ($id: ID!) { conversation(id: $id) {
  lastActivityAt entries { nodes { ... on Message { id body } ... on InboundMessage { id body } } } } }`;
const FIND = 'query ($search: String) { conversations(search: $search) { nodes { id } } }';

let run: TestApp;
let last = 0;
const somebody = (): string => `+1415559${String(1000 + ++last)}`;

beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const read = async (id: string): Promise<any> => (await run.api.query(READ, { id })).conversation;

describe('a reply', () => {
  test('goes to where the person wrote from, as SERVICE, once for its key', async () => {
    const from = somebody();
    const { conversation } = await hears(run, 'When do you open?', { from });
    const input = { conversationId: conversation.id, body: 'At eight.', idempotencyKey: from };
    const { reply } = await run.api.mutate(REPLY, { input });
    expect(reply).toMatchObject({ message: { to: from, category: 'SERVICE', channel: 'SMS' }, duplicate: false, userErrors: [] });
    expect((await run.api.mutate(REPLY, { input })).reply).toMatchObject({ message: { id: reply.message.id }, duplicate: true });
  });

  test('that is repeated with its key is the first one, wherever the person has written from since, or who they are by now', async () => {
    const [first, second] = [somebody(), somebody()];
    for (const phone of [first, second]) await given.contact(run.api, { externalId: first, phone });
    const { conversation } = await hears(run, 'When do you open?', { from: first });
    const input = { conversationId: conversation.id, body: 'At eight.', idempotencyKey: first };
    const reply = async (changed = {}): Promise<any> => (await run.api.mutate(REPLY, { input: { ...input, ...changed } })).reply;
    const { message } = await reply();
    const again = { message: { id: message.id, to: first }, duplicate: true, userErrors: [] };
    await hears(run, 'Hello?', { from: second });
    expect(await reply()).toMatchObject(again);
    expect(await reply({ body: 'At nine.' })).toMatchObject({
      message: null,
      userErrors: [{ code: 'CONFLICT', field: ['idempotencyKey'] }],
    });
    expect((await read(conversation.id)).entries.nodes).toMatchObject([{}, { id: message.id }, { body: 'Hello?' }]);
    await erase(run.api, { id: conversation.contact.id });
    expect(await reply()).toMatchObject({ ...again, message: { id: message.id } });
  });

  test('that is stored while the person turns out to be somebody known is answered as sent, and moves their conversation', async () => {
    const [phone, known] = [somebody(), somebody()];
    await hears(run, 'Hello', { from: known });
    await people.contact(run.api, { phone: known, externalId: known });
    const { conversation } = await hears(run, 'When do you open?', { from: phone });
    const { sending } = run.app.core;
    const sendFor = sending.sendFor.bind(sending);
    const merging = vi.spyOn(sending, 'sendFor').mockImplementation(async (...call) => {
      const sent = await sendFor(...call);
      await people.contact(run.api, { phone, externalId: known });
      return sent;
    });
    const before = new Date();
    const { reply } = await run.api.mutate(REPLY, { input: { conversationId: conversation.id, body: 'At eight.' } });
    merging.mockRestore();
    expect(reply).toMatchObject({ message: { to: phone }, duplicate: false, userErrors: [] });
    expect(await read(conversation.id)).toBeNull();
    const [{ id }] = (await run.api.query(FIND, { search: known })).conversations.nodes;
    expect(Date.parse((await read(id)).lastActivityAt)).toBeGreaterThanOrEqual(before.getTime());
  });

  test('that cannot move its conversation is answered as sent; repeated with its key, it moves it to when it was sent', async () => {
    const { conversation, receivedAt } = await hears(run, 'When do you open?', { from: somebody() });
    const input = { conversationId: conversation.id, body: 'At eight.', idempotencyKey: conversation.id };
    const reply = async (): Promise<any> => (await run.api.mutate(REPLY, { input })).reply;
    await rowsOf(
      run,
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '57P01'; end $$`,
    );
    await rowsOf(run, `create trigger refuse before update on conversations for each row execute function refuse()`);
    const sent = await reply().catch(String);
    await rowsOf(run, 'drop function refuse cascade');
    expect(sent).toMatchObject({ message: { status: 'QUEUED' }, duplicate: false, userErrors: [] });
    expect((await read(conversation.id)).lastActivityAt).toBe(receivedAt);
    expect(await reply()).toMatchObject({ message: { id: sent.message.id }, duplicate: true });
    expect((await read(conversation.id)).lastActivityAt).toBe(sent.message.createdAt);
  });

  test('by WhatsApp reaches somebody who writes under a user id', async () => {
    const from = 'SA.13491208655302741918';
    const { conversation } = await hears(run, 'Hello', { from, channel: 'WHATSAPP' });
    const { reply } = await run.api.mutate(REPLY, { input: { conversationId: conversation.id, body: 'Good morning' } });
    expect(reply).toMatchObject({ message: { to: from, channel: 'WHATSAPP' }, userErrors: [] });
    expect((await read(conversation.id)).entries.nodes).toMatchObject([{ body: 'Hello' }, { body: 'Good morning' }]);
  });

  test('by WhatsApp is refused once the window is closed, and nothing is stored', async () => {
    const { conversation } = await hears(run, 'Hello', { from: somebody(), channel: 'WHATSAPP' });
    const input = { conversationId: conversation.id, body: 'Good morning' };
    expect((await run.api.mutate(REPLY, { input })).reply.userErrors).toEqual([]);
    await rowsOf(run, `update conversations set session_expires_at = now() where id = '${conversation.id}'`);
    const { reply } = await run.api.mutate(REPLY, { input: { ...input, body: 'Too late' } });
    expect(reply).toMatchObject({ message: null, userErrors: [{ code: 'SESSION_WINDOW_CLOSED' }] });
  });

  test('to somebody who has written STOP is refused', async () => {
    const { conversation } = await hears(run, 'STOP', { from: somebody() });
    const { reply } = await run.api.mutate(REPLY, { input: { conversationId: conversation.id, body: 'But why?' } });
    expect(reply.userErrors).toMatchObject([{ code: 'OPTED_OUT', field: ['conversationId'] }]);
  });

  test('to a conversation that is not there is refused', async () => {
    const { reply } = await run.api.mutate(REPLY, { input: { conversationId: 'nothing', body: 'Hello' } });
    expect(reply.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['conversationId'] }]);
  });
});
