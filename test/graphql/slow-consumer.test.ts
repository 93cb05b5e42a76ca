import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawSocket, type Frame } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

const TEXTS = 'subscription ($count: Int!, $bytes: Int!) { texts(count: $count, bytes: $bytes) }';
const MEGABYTE = 1_048_576;

const probe = new ProbeResolver();
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({ resolvers: [probe], sockets: { patienceMs: 1_000 } });
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

test.each([
  [90, 120_000],
  [2, 6_000_000],
])('a client that reads gets the answers to %d operations at once, of %d bytes each', async (operations, bytes) => {
  const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  for (let id = 1; id <= operations; id++) socket.operate(String(id), TEXTS, { count: 1, bytes });
  const types: string[] = [];
  while (types.length < 2 * operations) types.push((await socket.next()).type);
  expect(types.toSorted()).toEqual([...Array<string>(operations).fill('complete'), ...Array<string>(operations).fill('next')]);
  socket.close();
});

test('a client for which too much waits is closed with 4413 before its time is up', async () => {
  const strict = await startEdge({ resolvers: [probe], sockets: { maxBufferedBytes: 10_000, patienceMs: 60_000 } });
  const socket = await RawSocket.signedIn(strict.url, strict.admin.key ?? '');
  const before = probe.startedStreams;
  socket.socket.pause();
  for (let id = 1; id <= 90; id++) socket.operate(String(id), TEXTS, { count: 2, bytes: 300_000 });
  await expect.poll(() => probe.startedStreams - before, { timeout: 10_000 }).toBeGreaterThan(0);
  await expect.poll(() => probe.openStreams, { timeout: 10_000 }).toBe(0);
  socket.socket.resume();
  expect(await socket.closed).toEqual({ code: 4413, reason: 'Slow consumer' });
  await strict.stop();
});

test('a client that pauses longer than a heartbeat stays: it comes upon the ping when it has read what lies before', async () => {
  const restless = await startEdge({ resolvers: [probe], sockets: { heartbeatMs: 100, maxBufferedBytes: 100_000 } });
  const socket = await RawSocket.signedIn(restless.url, restless.admin.key ?? '');
  socket.operate('7', TEXTS, { count: 1_000, bytes: 10_000 });
  const types = [(await socket.next()).type];
  socket.socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 500));
  socket.socket.resume();
  while (types.at(-1) === 'next') types.push((await socket.next()).type);
  expect([types.length, types.at(-1)]).toEqual([1_001, 'complete']);
  socket.close();
  await restless.stop();
});
