import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queueBoard } from '../../src/delivery/jobs/queue-board.js';
import { addressForLimits } from '../../src/platform/http/client-address.js';
import { RateLimit } from '../../src/platform/http/rate-limit.js';
import { RawSocket } from '../support/raw-socket.js';
import { testRedis } from '../support/test-database.js';
import { startEdge, type TestEdge } from './edge.js';

const VIEWER = '{ viewer { role } }';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({
    rateLimits: { perKey: 5, perIp: 60, failuresPerIp: 3 },
    trustProxy: true,
    apiPlugins: [(admission) => queueBoard([], admission)],
  });
});
afterAll(() => edge.stop());

const from = (ip: string): Record<string, string> => ({ 'x-forwarded-for': ip });
const body = JSON.stringify({ query: VIEWER });

describe('a key', () => {
  test('over its limit gets 429 with the seconds to wait, other keys do not', async () => {
    const { api } = await edge.key('VIEWER');
    const other = await edge.key('VIEWER');
    for (let i = 0; i < 5; i++) await api.query(VIEWER);
    const answer = await api.execute(VIEWER);
    expect(answer).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(answer.headers.get('retry-after'))).toBe(answer.errors?.[0]?.extensions['retryAfterSeconds']);
    expect(await other.api.query(VIEWER)).toEqual({ viewer: { role: 'VIEWER' } });
  });

  test('is limited over requests and sockets together, each operation counted', async () => {
    const { api, secret } = await edge.key('VIEWER');
    for (let i = 0; i < 3; i++) await api.query(VIEWER);
    const socket = await RawSocket.signedIn(edge.url, secret);
    for (let id = 1; id <= 3; id++) socket.operate(String(id), VIEWER);
    const frames = [];
    for (let i = 0; i < 5; i++) frames.push(await socket.next());
    expect(frames.filter(({ type }) => type === 'error')).toMatchObject([{ id: '3', payload: [{ extensions: { code: 'RATE_LIMITED' } }] }]);
    socket.close();
  });
});

describe('an address', () => {
  test('over its limit gets 429 for requests and sockets, with a key or without', async () => {
    for (let i = 0; i < 60; i++) await edge.anonymous.post(body, from('198.51.100.1'));
    const { api } = await edge.key('VIEWER');
    expect((await api.post(body, from('198.51.100.1'))).status).toBe(429);
    expect((await api.post(body, from('198.51.100.2'))).status).toBe(200);
    await expect(RawSocket.open(edge.url, { headers: from('198.51.100.1') })).rejects.toThrow('429');
  });

  test('that tries wrong keys gets 429, while right keys still work from there', async () => {
    const attempt = (n: number): Promise<Response> =>
      edge.anonymous.post(body, { ...from('198.51.100.3'), authorization: `Bearer hg_guess_${n}` });
    const statuses = [];
    for (let n = 1; n <= 4; n++) statuses.push((await attempt(n)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    const { api } = await edge.key('VIEWER');
    expect((await api.post(body, from('198.51.100.3'))).status).toBe(200);
  });

  test('that tries wrong keys at the board of the queues gets 429 as well', async () => {
    const attempt = (n: number): Promise<Response> =>
      fetch(`${edge.url}/admin/queues`, { headers: { ...from('198.51.100.4'), authorization: `Bearer hg_guess_${n}` } });
    const statuses = [];
    for (let n = 1; n <= 4; n++) statuses.push((await attempt(n)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8::5', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    [null, 'unknown'],
  ])('%s is counted as %s', (address, counted) => {
    expect(addressForLimits(address)).toBe(counted);
  });
});

describe('when Redis', () => {
  test('is not there, each process counts by itself: neither open nor shut', async () => {
    const redis = new Redis('redis://127.0.0.1:1', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    redis.on('error', () => undefined);
    const limit = new RateLimit(redis, { name: 'key', perMinute: 2, prefix: 'x' });
    await limit.consume('a');
    await limit.consume('a');
    await expect(limit.consume('a')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await limit.consume('b');
    redis.disconnect();
  });

  test('hangs, one request waits for it and the next do not', async () => {
    const { url, prefix } = testRedis();
    const [redis, admin] = [new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 300 }), new Redis(url)];
    await new Promise((resolve) => redis.once('ready', resolve));
    const limit = new RateLimit(redis, { name: 'key', perMinute: 100, prefix });
    await limit.consume('a');
    await admin.client('PAUSE', 1_500, 'ALL');
    const began = performance.now();
    for (let i = 0; i < 20; i++) await limit.consume('a');
    expect(performance.now() - began).toBeLessThan(600);
    redis.disconnect();
    admin.disconnect();
  });

  test('is there, two processes count together', async () => {
    const { url, prefix } = testRedis();
    const clients = [new Redis(url), new Redis(url)];
    await Promise.all(clients.map((client) => client.ping()));
    const [one, two] = clients.map((client) => new RateLimit(client, { name: 'key', perMinute: 3, prefix }));
    await one?.consume('a');
    await two?.consume('a');
    await one?.consume('a');
    await expect(two?.consume('a')).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: expect.any(Number) } });
    clients.forEach((client) => client.disconnect());
  });
});
