import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawSocket, type Frame } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

const TEXTS = 'subscription ($count: Int!, $bytes: Int!) { texts(count: $count, bytes: $bytes) }';
const MEGABYTE = 1_048_576;

const probe = new ProbeResolver();
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({ resolvers: [probe], sockets: { patienceMs: 2_000 } });
});
afterAll(() => edge.stop());

test('a client that does not read is told to resume, closed with 4413, and costs no memory', async () => {
  const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  const before = process.memoryUsage().rss;
  socket.socket.pause();
  socket.operate('7', TEXTS, { count: 100_000, bytes: 10_000 });
  await expect.poll(() => probe.startedStreams, { timeout: 10_000 }).toBe(1);
  await expect.poll(() => probe.openStreams, { timeout: 10_000 }).toBe(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
  socket.socket.resume();
  let last: Frame = { type: 'none' };
  while (last.type !== 'error') last = await socket.next();
  expect(last).toMatchObject({
    id: '7',
    payload: [{ message: expect.stringContaining('`after`'), extensions: { code: 'SLOW_CONSUMER' } }],
  });
  expect(await socket.closed).toEqual({ code: 4413, reason: 'Slow consumer' });
});

test('a client that reads now and then is waited for', async () => {
  const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  socket.operate('7', TEXTS, { count: 2_000, bytes: 10_000 });
  const types: string[] = [];
  for (let pauses = 0; pauses < 3; pauses++) {
    socket.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.socket.resume();
    while (types.length < (pauses + 1) * 600) types.push((await socket.next()).type);
  }
  while (types.at(-1) === 'next') types.push((await socket.next()).type);
  expect([types.length, types.at(-1)]).toEqual([2_001, 'complete']);
  socket.close();
});

test('a client that reads gets everything, however much it is', async () => {
  const subscription = edge.admin.subscribe(TEXTS, { count: 1_000, bytes: 10_000 });
  const texts = await subscription.take(1_000);
  expect(texts.every(({ texts: text }) => text.length === 10_000)).toBe(true);
  await subscription.close();
});
