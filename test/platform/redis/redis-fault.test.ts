import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { warnWithoutRedis } from '../../../src/platform/redis/redis-fault.js';
import { testRedis } from '../../support/test-database.js';

async function warnings(url: string): Promise<string[]> {
  const told: string[] = [];
  await warnWithoutRedis(url, pino({ level: 'warn' }, { write: (line) => void told.push(JSON.parse(line).msg) }));
  return told;
}

const CHECK = 'messages are accepted and wait. Check REDIS_URL.';

test('nothing is said of a Redis that answers', async () => {
  expect(await warnings(testRedis().url)).toEqual([]);
});

test('a Redis that nobody reaches is named, without its password', async () => {
  expect(await warnings('redis://:correct-horse@127.0.0.1:1')).toEqual([`Redis does not answer at 127.0.0.1:1 (ECONNREFUSED): ${CHECK}`]);
  const [unknown] = await warnings('redis://:correct-horse@no-such-host.invalid');
  expect(unknown).toMatch(/^Redis does not answer at no-such-host\.invalid:6379 \((ENOTFOUND|EAI_AGAIN)\): /);
});

test('a Redis that says nothing is named', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  expect(await warnings(`redis://127.0.0.1:${port}`)).toEqual([expect.stringContaining(`at 127.0.0.1:${port} (`)]);
});
