import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authenticator } from '../../src/accounts/authenticator.js';
import { AccountEvents } from '../../src/accounts/account-events.js';
import { ApiKey } from '../../src/accounts/api-key.entity.js';
import { KeyUsage } from '../../src/accounts/key-usage.js';
import { ENTITIES } from '../../src/app/build-accounts.js';
import { Database } from '../../src/platform/database/database.js';
import { pino } from 'pino';
import { gql } from '../support/gql.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { startEdge, type TestEdge } from '../graphql/edge.js';

const VIEWER = '{ viewer { role } }';
const ORIGIN = { ip: '203.0.113.7', userAgent: 'test' };

const silent = pino({ level: 'silent' });

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

const newAuthenticator = (events = new AccountEvents()): Authenticator => new Authenticator(edge.db, new KeyUsage(edge.db, silent), events);

test('without a key every operation is refused', async () => {
  const answer = await edge.anonymous.execute(VIEWER);
  expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', data: null });
  expect(answer.errors?.[0]?.message).toBe('Sign in first: send the header `Authorization: Bearer <API key>`.');
});

test('without a key the schema can be asked for', async () => {
  expect(await edge.anonymous.query('{ __schema { queryType { name } } }')).toEqual({ __schema: { queryType: { name: 'Query' } } });
});

test.each(['Bearer hg_demo_unknown', 'Bearer ', 'Basic aGc6aGc=', 'hg_demo_x', `Bearer ${'x'.repeat(400)}`, "Bearer ' or 1=1 --"])(
  'the credentials %j are refused before anything is read',
  async (authorization) => {
    const response = await edge.anonymous.post('not even JSON', { authorization });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  },
);

test('an expired key is refused, although it was remembered while it lived', async () => {
  const { api } = await edge.key('ADMIN', { expiresAt: new Date(Date.now() + 400) });
  expect(await api.query(VIEWER)).toEqual({ viewer: { role: 'ADMIN' } });
  await new Promise((resolve) => setTimeout(resolve, 450));
  expect(await api.execute(VIEWER)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});

test('the caller carries key, tenant, address and user agent', async () => {
  const { id, secret } = await edge.key('SENDER', { name: 'Till' });
  expect(await newAuthenticator().authenticate(secret, ORIGIN)).toEqual({
    tenantId: edge.tenantId,
    role: 'SENDER',
    name: 'Till',
    keyId: id,
    ip: '203.0.113.7',
    userAgent: 'test',
  });
});

test('another process forgets a revoked key when it hears of it', async () => {
  const events = new AccountEvents();
  const elsewhere = newAuthenticator(events);
  const { id, secret } = await edge.key('SENDER');
  expect(await elsewhere.authenticate(secret, ORIGIN)).not.toBeNull();
  await edge.db.emOfAllTenants().nativeUpdate(ApiKey, { id }, { revokedAt: new Date() });
  expect(await elsewhere.authenticate(secret, ORIGIN)).not.toBeNull();
  events.publishRevoked(id);
  expect(await elsewhere.authenticate(secret, ORIGIN)).toBeNull();
});

test('a key that is revoked while it is being read is refused from then on', async () => {
  const proxy = await startTcpProxy(edge.databaseUrl);
  const far = await Database.connect({ url: proxy.url, entities: ENTITIES, connections: 1, log: silent });
  const [events, { id, secret }] = [new AccountEvents(), await edge.key('SENDER')];
  const authenticator = new Authenticator(far, new KeyUsage(edge.db, silent), events);
  await authenticator.authenticate('another', ORIGIN);
  proxy.delayMs = 200;
  const first = authenticator.authenticate(secret, ORIGIN);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await edge.db.emOfAllTenants().nativeUpdate(ApiKey, { id }, { revokedAt: new Date() });
  events.publishRevoked(id);
  await first;
  expect(await authenticator.authenticate(secret, ORIGIN)).toBeNull();
  await far.close();
  await proxy.close();
});

test('a hundred requests at once cost one look-up', async () => {
  const { secret } = await edge.key('SENDER');
  const before = edge.logged.length;
  const authenticator = newAuthenticator();
  await Promise.all(Array.from({ length: 100 }, () => authenticator.authenticate(secret, ORIGIN)));
  const callers = await Promise.all(Array.from({ length: 100 }, () => authenticator.authenticate(secret, ORIGIN)));
  expect(callers.every((caller) => caller?.role === 'SENDER')).toBe(true);
  expect(edge.logged.slice(before).filter((line) => line.includes('api_keys')).length).toBeLessThanOrEqual(1);
});

test('the last use is written in the background, once for many requests', async () => {
  const { id, api } = await edge.key('OPERATOR');
  await Promise.all(Array.from({ length: 5 }, () => api.query(VIEWER)));
  await expect
    .poll(async () => (await edge.db.emOfAllTenants().findOneOrFail(ApiKey, { id })).lastUsedAt ?? null, { timeout: 4_000 })
    .not.toBeNull();
  const { apiKeys } = await edge.admin.query('{ apiKeys { id lastUsedAt } }');
  const used = apiKeys.find((key: { id: string }) => key.id === id).lastUsedAt;
  expect(Math.abs(Date.now() - Date.parse(used))).toBeLessThan(10_000);
});

test('which keys of open sockets have ended', async () => {
  const live = await edge.key('VIEWER');
  const revoked = await edge.key('VIEWER');
  const expired = await edge.key('VIEWER', { expiresAt: new Date(Date.now() + 20) });
  await edge.admin.mutate(`mutation { revokeApiKey(id: "${revoked.id}") { userErrors { code } } }`);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const ended = await newAuthenticator().endedOfOpen([live.id, revoked.id, expired.id]);
  expect(new Set(ended)).toEqual(new Set([revoked.id, expired.id]));
});

test('a key that keeps sockets open is in use, and one that has ended is not', async () => {
  const live = await edge.key('VIEWER');
  const expired = await edge.key('VIEWER', { expiresAt: new Date(Date.now() + 20) });
  const usage = new KeyUsage(edge.db, silent);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await new Authenticator(edge.db, usage, new AccountEvents()).endedOfOpen([live.id, expired.id]);
  await usage.flush();
  const { apiKeys } = await edge.admin.query('{ apiKeys { id lastUsedAt } }');
  const lastUse = (id: string) => apiKeys.find((key: { id: string }) => key.id === id).lastUsedAt;
  expect(Math.abs(Date.now() - Date.parse(lastUse(live.id)))).toBeLessThan(10_000);
  expect(lastUse(expired.id)).toBeNull();
});

test('a key works in the moment it is made, even if it was tried before', async () => {
  const authenticator = newAuthenticator();
  expect(await authenticator.authenticate('hg_not_yet_there_1234567890', ORIGIN)).toBeNull();
  expect((await gql(edge.url, 'hg_not_yet_there_1234567890').execute(VIEWER)).status).toBe(401);
});
