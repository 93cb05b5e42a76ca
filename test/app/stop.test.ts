import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createRawServer, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { askAlone, type Asked } from '../support/lone-request.js';
import { RawSocket } from '../support/raw-socket.js';
import { startTestApp } from '../support/test-app.js';

const UNFINISHED = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{';

async function say(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return socket;
}

test('what does not end by itself is cut in time for everything else to stop in order', async () => {
  const { app, url, api, stop } = await startTestApp({ DRAIN_SECONDS: '2' });
  const closed = [await say(url, UNFINISHED), await say(url, 'POST'), await say(url, '')].map((socket) => once(socket, 'close'));
  // It never answers the close frame.
  (await RawSocket.signedIn(url, api.key ?? '')).socket.pause();
  const began = Date.now();
  await app.stop();
  expect(Date.now() - began).toBeLessThan(2_000);
  await Promise.all(closed);
  await expect(app.core.db.ping()).rejects.toThrow();
  await stop();
});

test('beside calls that take all the time, the api listens for a part of it, and answers whatever it has taken', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const asked = once(silent, 'request');
  const { port } = silent.address() as AddressInfo;
  const env = { SIMULATOR_URL: `http://127.0.0.1:${port}`, PROVIDER_TIMEOUT_SECONDS: '60', DRAIN_SECONDS: '3' };
  const { app, api, stop } = await startTestApp(env);
  await api.mutate('mutation { sendMessage(input: { to: "+14155550100", body: "Hello" }) { userErrors { code } } }');
  await asked;
  const began = Date.now();
  const stopped = app.stop().then(() => Date.now() - began);
  const outcomes: Asked['outcome'][] = [];
  while (outcomes.at(-1) !== 'refused') outcomes.push((await askAlone(api, { query: '{ viewer { role } }' })).outcome);
  expect(Date.now() - began).toBeGreaterThan(1_500);
  expect(Date.now() - began).toBeLessThan(2_400);
  // The one before the refusal may come in the moment of the closing, connected and not yet heard.
  expect(new Set(outcomes.slice(0, -2))).toEqual(new Set(['answered']));
  expect(await stopped).toBeLessThan(3_000);
  silent.closeAllConnections();
  silent.close();
  await stop();
});

test('a process whose Redis is away says so at its start, and does not wait for it at its end', async () => {
  const told: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void told.push(JSON.parse(line).msg) });
  const { app, stop } = await startTestApp({ REDIS_URL: 'redis://127.0.0.1:1', DRAIN_SECONDS: '6' }, log);
  const began = Date.now();
  await app.stop();
  expect(Date.now() - began).toBeLessThan(5_000);
  await expect(app.core.db.ping()).rejects.toThrow();
  expect(told).toContain('Redis does not answer at 127.0.0.1:1 (ECONNREFUSED): messages are accepted and wait. Check REDIS_URL.');
  await stop();
});

test('a process whose Redis ends with it, before it has answered, does not blame its address', async () => {
  const redis = createRawServer().listen(0, '127.0.0.1');
  await once(redis, 'listening');
  const sockets: Socket[] = [];
  redis.on('connection', (socket) => void sockets.push(socket));
  const told: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void told.push(JSON.parse(line).msg) });
  const { port } = redis.address() as AddressInfo;
  const { app, stop } = await startTestApp({ ROLES: 'api', REDIS_URL: `redis://127.0.0.1:${port}`, DRAIN_SECONDS: '6' }, log);
  const stopped = app.stop();
  redis.close();
  for (const socket of sockets) socket.resetAndDestroy();
  await stopped;
  expect(told.filter((line) => line.includes('Check REDIS_URL'))).toEqual([]);
  await stop();
});
