import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { RawSocket, type Frame } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';

let edge: TestEdge;
// No heartbeats, which end a socket that has gone silent too.
beforeAll(async () => void (edge = await startEdge({ sockets: { heartbeatMs: 600_000 } })));
afterEach(() => void vi.useRealTimers());
afterAll(() => edge.stop());

const ping = (length: number): Frame => ({ type: 'ping', payload: { text: 'x'.repeat(length) } });

test('a frame of more than 64 KiB closes a socket that has not signed in with 1009, unanswered', async () => {
  const socket = await RawSocket.open(edge.url);
  socket.send(ping(60_000));
  expect((await socket.next()).type).toBe('pong');
  socket.send(ping(65_536));
  const answer = await socket.next().then(({ type }) => type, String);
  expect(answer).toContain('The socket was closed: 1009.');
  const signedIn = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  signedIn.send(ping(65_536));
  expect((await signedIn.next()).type).toBe('pong');
  signedIn.close();
});

test('answers do not wait for who has not signed in and does not read: the socket is closed with 4413', async () => {
  const socket = await RawSocket.open(edge.url);
  socket.socket.pause();
  // More than the kernels' buffers and a megabyte, and less than waits for who has signed in.
  for (let sent = 0; sent < 250; sent++) socket.send(ping(60_000));
  await expect.poll(() => socket.socket.bufferedAmount).toBe(0);
  socket.socket.resume();
  expect(await socket.closed).toEqual({ code: 4413, reason: 'Slow consumer' });
});

test('a socket that did not sign in in time is gone five seconds later, whether or not the client closes it too', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const socket = await RawSocket.open(edge.url);
  socket.socket.close = () => undefined;
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect((await socket.closed).code).toBe(4408);
});
