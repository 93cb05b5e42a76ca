import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changeConversation, type ConversationChange } from '../../src/inbox/conversation.queries.js';
import { newId } from '../../src/platform/ids.js';
import { people, REQUEST_OPT_IN } from '../support/contacts.js';
import { given } from '../support/given.js';
import { hears, inbound, REPLY } from '../support/incoming.js';
import { somebodyWaits } from '../support/lock-waits.js';
import { SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const FIELDS = 'id channel state assignee unreadCount lastActivityAt sessionExpiresAt contact { id name phone }';
const ENTRIES = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { conversation(id: $id) {
  entries(first: $first, after: $after, last: $last, before: $before) {
    nodes { __typename ... on Message { id body } ... on InboundMessage { id body } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
const LIST = `query ($state: ConversationState, $channel: Channel, $unreadOnly: Boolean, $search: String, $first: Int, $after: String) {
  conversations(state: $state, channel: $channel, unreadOnly: $unreadOnly, search: $search, first: $first, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }`;

let run: TestApp;
let last = 0;
const somebody = (): string => `+1415557${String(1000 + ++last)}`;

beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const read = async (id: string): Promise<any> =>
  (await run.api.query(`query ($id: ID!) { conversation(id: $id) { ${FIELDS} } }`, { id })).conversation;
const change = async (mutation: string, variables: Record<string, unknown>, declared: string): Promise<any> =>
  Object.values(
    await run.api.mutate(`mutation (${declared}) { ${mutation} { conversation { ${FIELDS} } userErrors { code field } } }`, variables),
  )[0];
const entries = async (id: string, page: Record<string, unknown>): Promise<any> =>
  (await run.api.query(ENTRIES, { id, ...page })).conversation.entries;
const list = async (variables: Record<string, unknown>): Promise<any> => (await run.api.query(LIST, variables)).conversations;

describe('the first message of an unknown number', () => {
  test('makes the contact and the conversation', async () => {
    const from = somebody();
    const { conversation } = await hears(run, 'Good morning', { from, profileName: 'Layla' });
    expect(await read(conversation.id)).toMatchObject({
      state: 'OPEN',
      unreadCount: 1,
      sessionExpiresAt: null,
      contact: { phone: from, name: 'Layla' },
    });
  });

  test('by WhatsApp opens the window of 24 hours', async () => {
    const { conversation, receivedAt } = await hears(run, 'Hello', { from: somebody(), channel: 'WHATSAPP' });
    expect(Date.parse(conversation.sessionExpiresAt) - Date.parse(receivedAt)).toBe(24 * 3600 * 1000);
  });

  test('is kept unreadable, with where its media are', async () => {
    const mediaUrls = ['https://api.example.com/media/1'];
    const message = await hears(run, 'Very private', { from: somebody(), mediaUrls });
    expect(message).toMatchObject({ body: 'Very private', mediaUrls });
    const [row] = await rowsOf<{ row: string }>(run, `select b::text as row from inbound_messages b where id = '${message.id}'`);
    expect(row?.row).not.toContain(Buffer.from('private').toString('hex'));
  });
});

describe('a conversation', () => {
  test('is one for each channel of a contact, and counts what nobody has read', async () => {
    const from = somebody();
    const first = await hears(run, 'One', { from });
    const second = await hears(run, 'Two', { from });
    const other = await hears(run, 'Three', { from, channel: 'WHATSAPP' });
    expect(second.conversation).toMatchObject({ id: first.conversation.id, unreadCount: 2 });
    expect(other.conversation.contact).toEqual(first.conversation.contact);
    expect(other.conversation.id).not.toBe(first.conversation.id);
    const { contact } = await run.api.query(
      `query ($id: ID!) { contact(ref: { id: $id }) { conversations { nodes { id channel } } identities { lastSeenAt } } }`,
      { id: first.conversation.contact.id },
    );
    expect(contact.conversations.nodes.map(({ id }: any) => id)).toEqual([other.conversation.id, first.conversation.id]);
    expect(contact.identities[0].lastSeenAt).toBe(other.receivedAt);
  });

  test('is read, assigned and closed; the next message opens it again', async () => {
    const from = somebody();
    const { id } = (await hears(run, 'Hello', { from })).conversation;
    expect((await change('markConversationRead(id: $id)', { id }, '$id: ID!')).conversation).toMatchObject({ unreadCount: 0 });
    const assigned = await change('assignConversation(id: $id, assignee: $who)', { id, who: ' Noor ' }, '$id: ID!, $who: String');
    expect(assigned.conversation).toMatchObject({ assignee: 'Noor' });
    const closed = await change('setConversationState(id: $id, state: CLOSED)', { id }, '$id: ID!');
    expect(closed.conversation).toMatchObject({ state: 'CLOSED' });
    expect((await hears(run, 'And one more thing', { from })).conversation).toMatchObject({ id, state: 'OPEN', unreadCount: 1 });
    expect(await read(id)).toMatchObject({ assignee: 'Noor' });
  });

  test('that is not there cannot be changed, and a name has its limit', async () => {
    const id = '01900000-0000-7000-8000-000000000000';
    expect((await change('markConversationRead(id: $id)', { id }, '$id: ID!')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const own = (await hears(run, 'Hello', { from: somebody() })).conversation;
    const long = { id: own.id, who: 'x'.repeat(101) };
    expect((await change('assignConversation(id: $id, assignee: $who)', long, '$id: ID!, $who: String')).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['assignee'] },
    ]);
  });

  test('shows what went out and what came in by time, in pages both ways', async () => {
    const from = somebody();
    await given.delivered(run.api, { to: from, body: 'a' });
    const { conversation } = await hears(run, 'b', { from });
    await given.delivered(run.api, { to: from, body: 'c' });
    await hears(run, 'd', { from });
    const bodies = ({ nodes }: any): string => nodes.map(({ body }: any) => body).join('');
    expect(bodies(await entries(conversation.id, {}))).toBe('abcd');
    const start = await entries(conversation.id, { first: 3 });
    expect([bodies(start), start.pageInfo.hasNextPage]).toEqual(['abc', true]);
    expect(bodies(await entries(conversation.id, { first: 3, after: start.pageInfo.endCursor }))).toBe('d');
    const end = await entries(conversation.id, { last: 2 });
    expect([bodies(end), end.pageInfo.hasPreviousPage]).toEqual(['cd', true]);
    expect(bodies(await entries(conversation.id, { last: 2, before: end.pageInfo.startCursor }))).toBe('ab');
  });

  test('is found by number, channel and state, the latest first, page by page', async () => {
    const [first, second] = [somebody(), somebody()];
    const { conversation: one } = await hears(run, 'Hello', { from: first });
    const { conversation: two } = await hears(run, 'Hello', { from: second });
    expect((await list({ search: first })).nodes).toEqual([{ id: one.id }]);
    expect((await list({ search: first, channel: 'WHATSAPP' })).nodes).toEqual([]);
    expect((await list({ search: somebody() })).nodes).toEqual([]);
    const page = await list({ first: 1 });
    expect(page.nodes).toEqual([{ id: two.id }]);
    expect((await list({ first: 1, after: page.pageInfo.endCursor })).nodes).toEqual([{ id: one.id }]);
    await change('markConversationRead(id: $id)', { id: two.id }, '$id: ID!');
    expect((await list({ unreadOnly: true, first: 1 })).nodes).toEqual([{ id: one.id }]);
  });
});

test('two contacts that turn out to be one have one conversation on each channel', async () => {
  const [phone, other] = [somebody(), somebody()];
  await hears(run, 'From the first', { from: phone });
  await hears(run, 'From the second', { from: other });
  const upsert = 'mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { contact { id } userErrors { code } } }';
  for (const one of [phone, other]) await run.api.mutate(upsert, { input: { phone: one, externalId: `p-${phone}` } });
  const merged = (await list({ search: phone })).nodes;
  expect((await list({ search: other })).nodes).toEqual(merged);
  const { nodes } = await entries(merged[0].id, {});
  expect(nodes.map(({ body }: any) => body)).toEqual(['From the first', 'From the second']);
  expect((await read(merged[0].id)).unreadCount).toBe(2);
});

test.each<[string, ConversationChange]>([
  ['assigned', { assignee: 'Noor' }],
  ['read', { unreadCount: 0 }],
  ['opened', { state: 'OPEN' }],
])('a conversation that is %s while it is merged away leaves the one that stays so', async (_, changed) => {
  const [kept, going] = [somebody(), somebody()];
  const { conversation: stays } = await hears(run, 'From the first', { from: kept });
  const { conversation: goes } = await hears(run, 'From the second', { from: going });
  await people.contact(run.api, { phone: kept, externalId: kept });
  await change('markConversationRead(id: $id)', { id: stays.id }, '$id: ID!');
  for (const { id } of [stays, goes]) await change('setConversationState(id: $id, state: CLOSED)', { id }, '$id: ID!');
  const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
  const [merging] = await run.app.core.db.transaction(async (tx) => {
    await changeConversation(tx, tenantId, goes.id, changed);
    const merge = people.contact(run.api, { phone: going, externalId: kept });
    await somebodyWaits(run, 'conversations');
    return [merge];
  });
  await merging;
  expect(await read(stays.id)).toMatchObject({ state: 'CLOSED', assignee: null, unreadCount: 1, ...changed });
});

test('a conversation whose person becomes one with another while it is read is shown as that one’s', async () => {
  const [kept, going] = [somebody(), somebody()];
  const { conversation: stays } = await hears(run, 'From the first', { from: kept });
  const { conversation: goes } = await hears(run, 'From the second', { from: going });
  await people.contact(run.api, { phone: kept, externalId: kept });
  const { conversations } = run.app.core.inbox;
  const listed = conversations.list.bind(conversations);
  const merging = vi.spyOn(conversations, 'list').mockImplementation(async (...call) => {
    const rows = await listed(...call);
    await people.contact(run.api, { phone: going, externalId: kept });
    return rows;
  });
  const { nodes } = (
    await run.api.query('{ conversations(first: 2) { nodes { id contact { id } } } }').finally(() => merging.mockRestore())
  ).conversations;
  expect(nodes).toEqual([goes, stays].map(({ id }) => ({ id, contact: { id: stays.contact.id } })));
});

test('a message whose conversation is merged away while it is read is shown with the one that it is in by then', async () => {
  const [phone, known] = [somebody(), somebody()];
  const { conversation } = await hears(run, 'Hello', { from: known });
  await people.contact(run.api, { phone: known, externalId: known });
  await hears(run, 'Hello?', { from: phone });
  const { reviews } = run.app.core.inbox;
  const listed = reviews.list.bind(reviews);
  const merging = vi.spyOn(reviews, 'list').mockImplementation(async (...call) => {
    const rows = await listed(...call);
    await people.contact(run.api, { phone, externalId: known });
    return rows;
  });
  const messages = await inbound(run, { first: 2 }).finally(() => merging.mockRestore());
  expect(messages.map(({ body, conversation: { id } }) => [body, id])).toEqual([
    ['Hello?', conversation.id],
    ['Hello', conversation.id],
  ]);
});

test('what went to a user id that two of our accounts know is shown and counted once', async () => {
  const whatsAppUserId = 'SA.1002';
  for (const to of ['+14155550199', '+14155550100']) await hears(run, 'Hello', { from: whatsAppUserId, to, channel: 'WHATSAPP' });
  const { id } = await people.contact(run.api, { whatsAppUserId });
  const [{ id: conversationId }] = (await list({ search: whatsAppUserId })).nodes;
  for (const body of ['A', 'B']) await run.api.mutate(REPLY, { input: { conversationId, body } });
  const { nodes } = await entries(conversationId, {});
  expect(nodes.map(({ body }: any) => body)).toEqual(['Hello', 'Hello', 'A', 'B']);
  const counted = 'query ($id: ID!) { contact(ref: { id: $id }) { messages { totalCount } } }';
  expect((await run.api.query(counted, { id })).contact.messages).toEqual({ totalCount: 2 });
});

test('of two contacts that turn out to be one, WhatsApp is open to the number that wrote last, and the reply goes there', async () => {
  const [first, second] = [somebody(), somebody()];
  const { conversation: earlier } = await hears(run, 'From the first', { from: first, channel: 'WHATSAPP' });
  await hears(run, 'From the second', { from: second, channel: 'WHATSAPP' });
  await run.api.mutate(REPLY, { input: { conversationId: earlier.id, body: 'Good morning' } });
  for (const phone of [second, first]) await given.contact(run.api, { phone, externalId: `p-${second}` });
  const [{ id: conversationId }] = (await list({ search: second })).nodes;
  const { reply } = await run.api.mutate(REPLY, { input: { conversationId, body: 'At eight.' } });
  expect(reply).toMatchObject({ message: { to: second }, userErrors: [] });
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: first, body: 'At eight.', channels: ['WHATSAPP'] } });
  expect(sendMessage.userErrors).toMatchObject([{ code: 'SESSION_WINDOW_CLOSED' }]);
});

test('what one number of a person wrote before and is applied late leaves WhatsApp open to the number that wrote last', async () => {
  const [first, second] = [somebody(), somebody()];
  for (const phone of [first, second]) await given.contact(run.api, { phone, externalId: `late-${first}` });
  const receive = (from: string, hoursAgo: number): Promise<void> => {
    const message = { channel: 'WHATSAPP' as const, from, to: '+14155550199', body: 'Hello', mediaUrls: [], providerMessageId: from };
    const receivedAt = new Date(Date.now() - hoursAgo * 3_600_000);
    return run.app.core.inbox.inbound.receive({
      id: newId(),
      provider: 'simulator',
      message,
      receivedAt,
      settle: () => Promise.resolve(true),
    });
  };
  await receive(second, 1);
  await receive(first, 30);
  const send = async (to: string): Promise<any> =>
    (await run.api.mutate(SEND, { input: { to, body: 'At eight.', channels: ['WHATSAPP'] } })).sendMessage.userErrors;
  expect(await send(second)).toEqual([]);
  expect(await send(first)).toMatchObject([{ code: 'SESSION_WINDOW_CLOSED' }]);
  const [{ id: conversationId }] = (await list({ search: first })).nodes;
  const { reply } = await run.api.mutate(REPLY, { input: { conversationId, body: 'At nine.' } });
  expect(reply).toMatchObject({ message: { to: second }, userErrors: [] });
});

test('a VIEWER reads numbers, words and media masked, and changes nothing', async () => {
  const { viewer } = await run.withTenant('demo');
  const { id, conversation } = await hears(run, 'Private', { from: somebody(), mediaUrls: ['https://example.com/1'] });
  const { inboundMessages } = await viewer.query('{ inboundMessages(first: 1) { nodes { id from body mediaUrls } } }');
  expect(inboundMessages.nodes).toEqual([{ id, from: expect.stringContaining('•••'), body: '•••', mediaUrls: ['•••'] }]);
  const { code } = await viewer.execute('mutation ($id: ID!) { markConversationRead(id: $id) { conversation { id } } }', {
    id: conversation.id,
  });
  expect(code).toBe('FORBIDDEN');
});

test('a SENDER who confirms an agreement is not told what the person has written', async () => {
  const { admin, sender } = await run.withTenant('opted');
  const contact = await people.contact(admin, { phone: somebody() });
  const input = { contact: { id: contact.id }, channel: 'SMS', categories: ['MARKETING'], statement: 'May we send you offers?' };
  const { token } = (await admin.mutate(REQUEST_OPT_IN, { input })).requestOptIn;
  const answer = await sender.execute(
    'mutation ($input: ConfirmOptInInput!) { confirmOptIn(input: $input) { contact { conversations { nodes { id } } } } }',
    { input: { token } },
  );
  expect(answer).toMatchObject({ code: 'FORBIDDEN' });
});
