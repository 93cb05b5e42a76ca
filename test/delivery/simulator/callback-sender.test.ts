import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallbackSender, type CallbackSenderOptions } from '../../../src/delivery/providers/simulator/callback-sender.js';
import { TimerWheel } from '../../../src/delivery/providers/simulator/timer-wheel.js';
import { SECRET } from './start-simulator.js';

let receiver: Server;
let url: string;
let calls: { body: string; atOnce: number }[];
let sender: CallbackSender;
let logged: string[];

const senderWith = (options: Partial<CallbackSenderOptions>) => {
  const lines = new Writable({ write: (line, _, done) => done(void logged.push(String(line))) });
  return (sender = new CallbackSender({ secret: SECRET, timers: new TimerWheel(), log: pino(lines), ...options }));
};

beforeEach(async () => {
  [calls, logged] = [[], []];
  let atOnce = 0;
  receiver = createServer((request, response) => {
    const now = ++atOnce;
    void text(request).then((body) => calls.push({ body, atOnce: now }));
    setTimeout(() => response.end(() => atOnce--), 5);
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  await sender.stop();
  receiver.close();
});

test('no more than so many are under way at once, and the first come first', async () => {
  const sent = Array.from({ length: 20 }, (_, at) => at);
  senderWith({ atOnce: 1 });
  await Promise.all(sent.map((at) => sender.send(url, at, {})));
  expect(calls.map(({ body }) => Number(body))).toEqual(sent);
  expect(calls.every(({ atOnce }) => atOnce === 1)).toBe(true);
});

test('several go side by side', async () => {
  senderWith({ atOnce: 4 });
  await Promise.all(Array.from({ length: 20 }, () => sender.send(url, {}, {})));
  expect(Math.max(...calls.map(({ atOnce }) => atOnce))).toBe(4);
});

test('after the last try it is given up with its ids in the log, and the next one goes on', async () => {
  senderWith({ tries: 3, atOnce: 1 });
  const started = performance.now();
  await sender.send('http://127.0.0.1:1/', { to: '+966500000001' }, { messageId: 'a' });
  expect(performance.now() - started).toBeGreaterThanOrEqual(300);
  expect(logged.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ messageId: 'a', answer: 'none' }]);
  expect(logged.join()).not.toContain('966500000001');
  await sender.send(url, 'next', {});
  expect(calls).toHaveLength(1);
});
