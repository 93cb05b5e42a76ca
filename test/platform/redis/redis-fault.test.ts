import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { warnWithoutRedis } from '../../../src/platform/redis/redis-fault.js';
import { testRedis } from '../../support/test-database.js';

async function warnings(url: string, signal = new AbortController().signal): Promise<string[]> {
  const told: string[] = [];
  await warnWithoutRedis(url, pino({ level: 'warn' }, { write: (line) => void told.push(JSON.parse(line).msg) }), signal);
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

/** Takes connections, and says nothing. */
async function silentServer(): Promise<{ server: Server; url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, url: `redis://127.0.0.1:${port}`, sockets };
}

test('a Redis that says nothing is named', async () => {
  const { url } = await silentServer();
  expect(await warnings(url)).toEqual([expect.stringContaining(`at ${new URL(url).host} (`)]);
});

test('nothing is said of a Redis that ends while the process stops', async () => {
  const { server, url, sockets } = await silentServer();
  const stopping = new AbortController();
  const said = warnings(url, stopping.signal);
  await once(server, 'connection');
  stopping.abort();
  for (const socket of sockets) socket.resetAndDestroy();
  expect(await said).toEqual([]);
});
