import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { pino } from 'pino';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { startServers } from '../../src/app/servers.js';
import { explainStartFault } from '../../src/app/start-fault.js';
import { InvalidConfig, readConfig } from '../../src/config.js';
import { AdvisoryLock } from '../../src/platform/database/advisory-locks.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { EmbeddedError } from '../../src/platform/embedded/embedded-error.js';
import { eventually } from '../support/eventually.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

/** What is told of the error that the work ends with. */
async function explained(work: () => Promise<unknown>): Promise<string | null> {
  const error = await work().then(
    () => new Error('no error'),
    (failure: unknown) => failure,
  );
  return explainStartFault(error);
}

const listen = (port: number, host: string): Promise<unknown> => once(createServer().listen(port, host), 'listening');
const databaseUrl = (change: (url: URL) => void): string => {
  const url = new URL(inject('databaseUrl'));
  change(url);
  return url.href;
};
/** Taken and given back: nobody listens there. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
async function silentServer(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `postgres://127.0.0.1:${(server.address() as AddressInfo).port}/heliograph`;
}

test('a port in use is named', async () => {
  const port = Number(new URL(inject('databaseUrl')).port);
  expect(await explained(() => listen(port, '127.0.0.1'))).toBe(
    `Port ${port} is in use: stop the program that has it, or give this one another with PORT or METRICS_PORT.`,
  );
});

test('an address that is not of this machine is named', async () => {
  expect(await explained(() => listen(0, '192.0.2.1'))).toBe('This machine has no network address 192.0.2.1: correct HOST.');
});

test('a PostgreSQL or Redis that does not answer is named', async () => {
  const port = await closedPort();
  const message = `Nothing answers at 127.0.0.1:${port} (ECONNREFUSED): check DATABASE_URL and REDIS_URL.`;
  expect(await explained(() => migrate(`postgres://127.0.0.1:${port}/heliograph`))).toBe(message);
  const redis = new Redis(port, { lazyConnect: true, retryStrategy: () => null });
  const connected = once(redis, 'error').then(([error]) => Promise.reject(error as Error));
  redis.connect().catch(() => undefined);
  expect(await explained(() => connected)).toBe(message);
});

describe('a PostgreSQL that takes connections and stays silent is told', () => {
  const TOLD = 'PostgreSQL does not answer: check DATABASE_URL.';

  test('where it is so from the beginning', async () => {
    const silent = await silentServer();
    expect(await explained(() => migrate(silent, { connectMs: 100 }))).toBe(TOLD);
  });

  test('where it becomes so before the migrations', async () => {
    const [proxy, holder] = [await startTcpProxy(inject('databaseUrl')), new Client(inject('databaseUrl'))];
    onTestFinished(async () => Promise.all([holder.end(), proxy.close()]).then(() => undefined));
    await holder.connect();
    await holder.query('select pg_advisory_lock($1)', [AdvisoryLock.MIGRATION]);
    const told = explained(() => migrate(proxy.url, { connectMs: 500 }));
    await eventually(async () => expect(proxy.connections()).toHaveLength(2));
    proxy.target = await silentServer();
    await holder.query('select pg_advisory_unlock($1)', [AdvisoryLock.MIGRATION]);
    expect(await told).toBe(TOLD);
  });
});

test('a host that does not exist is named', async () => {
  expect(await explained(() => new Client('postgres://no-such-host.invalid/heliograph').connect())).toMatch(
    /^The host no-such-host\.invalid is not known \((ENOTFOUND|EAI_AGAIN)\): check HOST, DATABASE_URL and REDIS_URL\.$/,
  );
});

test('a wrong password of the database is told', async () => {
  const url = databaseUrl((right) => (right.password = 'wrong'));
  expect(await explained(() => migrate(url))).toBe('PostgreSQL refuses the user or password of DATABASE_URL.');
});

test('a missing database is told', async () => {
  const url = databaseUrl((right) => (right.pathname = '/no_such_database'));
  expect(await explained(() => migrate(url))).toBe('The database that DATABASE_URL names does not exist: create it first.');
});

test('a file that may not be used is named', () => {
  const error = Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'open', path: '/data/heliograph.pid' });
  expect(explainStartFault(error)).toBe(
    '/data/heliograph.pid may not be read or written by this user (EACCES): correct its owner, or choose another DATA_DIR.',
  );
});

test.each([
  ['a file', [], 'EEXIST'],
  ['below a file', ['data'], 'ENOTDIR'],
])('a DATA_DIR that is %s is named', async (_, below, code) => {
  const dataDir = join(fileURLToPath(import.meta.url), ...below);
  const start = (share: boolean): Promise<unknown> => startServers(readConfig({ DATA_DIR: dataDir }), pino({ level: 'silent' }), { share });
  const message = `${dataDir} cannot be made a folder (${code}): choose another DATA_DIR.`;
  expect([await explained(() => start(false)), await explained(() => start(true))]).toEqual([message, message]);
});

test.each([
  [{ code: '42501', message: 'permission denied for schema public' }, 'make it the owner of the database'],
  [{ code: '53300', message: 'sorry, too many clients already' }, 'max_connections'],
  [{ message: 'The server does not support SSL connections' }, 'sslmode in DATABASE_URL'],
  [{ code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed certificate' }, 'NODE_EXTRA_CA_CERTS'],
])('what PostgreSQL answers with %o is told with where to mend it', ({ message, ...fault }, told) => {
  expect(explainStartFault(Object.assign(new Error(message), fault))).toContain(told);
});

test('wrong settings and embedded servers speak for themselves', () => {
  expect(explainStartFault(new InvalidConfig('PORT: wrong'))).toBe('PORT: wrong');
  expect(explainStartFault(new EmbeddedError('no PostgreSQL'))).toBe('no PostgreSQL');
});

test('the cause of an error is explained where the error is not', () => {
  const inUse = Object.assign(new Error('in use'), { code: 'EADDRINUSE', port: 80 });
  expect(explainStartFault(new Error('cannot start', { cause: inUse }))).toContain('Port 80 is in use');
});

test('a bug is not explained away', async () => {
  expect(explainStartFault(new TypeError('x is undefined'))).toBeNull();
  expect(explainStartFault('thrown text')).toBeNull();
  expect(await explained(() => readFile('/no/such/file'))).toBeNull();
});
