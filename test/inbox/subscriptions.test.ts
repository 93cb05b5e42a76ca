import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp, type App, type RunningConfig } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { gql, type TestApi } from '../support/gql.js';
import { given } from '../support/given.js';
import { hears, writes } from '../support/incoming.js';
import { erase } from '../support/known-person.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

const RECEIVED = `subscription ($id: ID) { inboundMessageReceived(conversationId: $id) { id from body intent conversation { id unreadCount contact { phone } } } }`;
const UPDATED = 'subscription ($id: ID) { conversationUpdated(id: $id) { id unreadCount state assignee contact { name } } }';
const READ = 'mutation ($id: ID!) { markConversationRead(id: $id) { userErrors { code } } }';

let run: TestApp;
let other: App;
/** The same tenant, on another process. */
let elsewhere: TestApi;
/** Before the other process' Redis. */
let proxy: TcpProxy;
let last = 0;
const somebody = (): string => `+1415560${String(1000 + ++last)}`;

beforeAll(async () => {
  run = await startTestApp();
  proxy = await startTcpProxy(run.env['REDIS_URL'] ?? '');
  other = await buildApp(
    readConfig({ ...run.env, REDIS_URL: proxy.url, ROLES: 'api', PORT: '0' }) as RunningConfig,
    pino({ level: 'silent' }),
  );
  elsewhere = gql((await other.start()).url ?? '', TEST_KEY);
});
afterAll(async () => {
  await other.stop();
  await run.stop();
  await proxy.close();
});

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

test('a message that comes to one process is heard on the other', async () => {
  const from = somebody();
  const heard = elsewhere.subscribe(RECEIVED);
  await heard.connected;
  await settle();
  await writes(run, 'STOP', { from });
  expect(await heard.next()).toMatchObject({
    inboundMessageReceived: { from, body: 'STOP', intent: 'OPT_OUT', conversation: { unreadCount: 1, contact: { phone: from } } },
  });
  await heard.close();
});

test('who listens to one conversation hears nothing of others', async () => {
  const from = somebody();
  const { conversation } = await hears(run, 'Hello', { from });
  const heard = elsewhere.subscribe(RECEIVED, { id: conversation.id });
  await heard.connected;
  await settle();
  await writes(run, 'Not for you', { from: somebody() });
  await writes(run, 'For you', { from });
  expect(await heard.next()).toMatchObject({ inboundMessageReceived: { body: 'For you' } });
  await heard.expectSilence(200);
  await heard.close();
});

test('a conversation is told of when somebody writes, and when an operator changes it', async () => {
  const from = somebody();
  const { conversation } = await hears(run, 'Hello', { from });
  const heard = run.api.subscribe(UPDATED, { id: conversation.id });
  await heard.connected;
  await settle();
  await writes(run, 'Are you there?', { from });
  expect(await heard.next()).toMatchObject({ conversationUpdated: { unreadCount: 2 } });
  await elsewhere.mutate(READ, { id: conversation.id });
  expect(await heard.next()).toMatchObject({ conversationUpdated: { unreadCount: 0 } });
  await heard.close();
});

test('another tenant hears nothing, and cannot ask for a conversation', async () => {
  const { admin: stranger } = await run.withTenant('stranger');
  const heard = stranger.subscribe(RECEIVED);
  await heard.connected;
  await settle();
  const { conversation } = await hears(run, 'Hello', { from: somebody() });
  await heard.expectSilence(300);
  await heard.close();
  const refused = stranger.subscribe(UPDATED, { id: conversation.id });
  await expect(refused.next()).rejects.toThrow('NOT_FOUND');
  await refused.close();
});

test('a VIEWER hears it masked', async () => {
  const { viewer } = await run.withTenant('demo');
  const heard = viewer.subscribe(RECEIVED);
  await heard.connected;
  await settle();
  await writes(run, 'Private', { from: somebody() });
  expect(await heard.next()).toMatchObject({ inboundMessageReceived: { body: '•••', from: expect.stringContaining('•••') } });
  await heard.close();
});

test('a conversation that an erasure closes is told of, without the name', async () => {
  const { conversation } = await hears(run, 'Hello', { from: somebody(), profileName: 'Layla' });
  const heard = elsewhere.subscribe(UPDATED, { id: conversation.id });
  await heard.connected;
  await settle();
  await erase(run.api, { id: conversation.contact.id });
  expect(await heard.next()).toMatchObject({ conversationUpdated: { unreadCount: 0, state: 'CLOSED', contact: { name: null } } });
  await heard.close();
});

test('a conversation into which another one is merged is told of', async () => {
  const [phone, second] = [somebody(), somebody()];
  const { conversation } = await hears(run, 'From the first number', { from: phone });
  await hears(run, 'From the second', { from: second });
  await run.api.mutate('mutation ($id: ID!) { setConversationState(id: $id, state: CLOSED) { userErrors { code } } }', {
    id: conversation.id,
  });
  const heard = elsewhere.subscribe(UPDATED);
  await heard.connected;
  await settle();
  for (const number of [phone, second]) await given.contact(run.api, { externalId: phone, phone: number });
  expect(await heard.next()).toMatchObject({ conversationUpdated: { id: conversation.id, state: 'OPEN', unreadCount: 2 } });
  await heard.close();
});

test('who listens to a conversation that is merged into another one hears that one from then on', async () => {
  const [phone, second] = [somebody(), somebody()];
  const { conversation } = await hears(run, 'From the first number', { from: phone });
  const { conversation: gone } = await hears(run, 'From the second', { from: second });
  const heard = [elsewhere.subscribe(UPDATED, { id: gone.id }), elsewhere.subscribe(RECEIVED, { id: gone.id })] as const;
  await Promise.all(heard.map(({ connected }) => connected));
  await settle();
  for (const number of [phone, second]) await given.contact(run.api, { externalId: phone, phone: number });
  await writes(run, 'From the second again', { from: second });
  expect(await heard[0].next()).toMatchObject({ conversationUpdated: { id: conversation.id, unreadCount: 2 } });
  expect(await heard[0].next()).toMatchObject({ conversationUpdated: { id: conversation.id, unreadCount: 3 } });
  expect(await heard[1].next()).toMatchObject({ inboundMessageReceived: { from: second, conversation: { id: conversation.id } } });
  for (const one of heard) await one.close();
});

test('a conversation that is merged away before its change is read is left out of what is told', async () => {
  const [phone, second] = [somebody(), somebody()];
  const { conversation } = await hears(run, 'From the first number', { from: phone });
  const { conversation: gone } = await hears(run, 'From the second', { from: second });
  const heard = elsewhere.subscribe(UPDATED);
  await heard.connected;
  await settle();
  proxy.hold();
  await run.api.mutate(READ, { id: gone.id });
  for (const number of [phone, second]) await given.contact(run.api, { externalId: phone, phone: number });
  proxy.release();
  expect(await heard.next()).toMatchObject({ conversationUpdated: { id: conversation.id } });
  await heard.close();
});

test('who may have missed something while Redis was away is ended with UNAVAILABLE, and hears again', async () => {
  const heard = [elsewhere.subscribe(RECEIVED), elsewhere.subscribe(UPDATED)];
  await Promise.all(heard.map(({ connected }) => connected));
  await settle();
  proxy.shut();
  // Until it is applied: told after Redis is back, it would be heard.
  await hears(run, 'Told to nobody', { from: somebody() });
  proxy.open();
  for (const one of heard) await expect(one.next(15_000)).rejects.toThrow('UNAVAILABLE');
  const again = elsewhere.subscribe(RECEIVED);
  await again.connected;
  await settle();
  await writes(run, 'Heard again', { from: somebody() });
  expect(await again.next()).toMatchObject({ inboundMessageReceived: { body: 'Heard again' } });
  for (const one of [...heard, again]) await one.close();
});
