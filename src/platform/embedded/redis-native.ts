import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { EmbeddedError } from './embedded-error.js';
import type { EmbeddedServer } from './embedded-server.js';
import { isFree } from './free-port.js';
import { keptFile } from './kept-file.js';
import { SupervisedServer } from './supervised-server.js';

const run = promisify(execFile);
const READY_WITHIN_MS = 60_000;
const LEFTOVER_ENDS_WITHIN_MS = 10_000;

/** The path of a server that is new enough: Redis 6.2, Valkey (which began with 7.2) in any version. */
export async function findNativeRedis(log: Logger): Promise<string | null> {
  const found = await run('/bin/sh', ['-c', 'command -v redis-server || command -v valkey-server']).catch(() => null);
  if (!found) return null;
  const program = found.stdout.trim();
  const { stdout } = await run(program, ['--version']).catch(() => ({ stdout: '' }));
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) + Number(minor) / 100 >= 6.02) return program;
  log.warn({ program, version: stdout.trim() }, 'Heliograph needs Redis 6.2 or newer: the server on PATH is not used');
  return null;
}

/**
 * One survives when this program and the shell that guards it are both killed, and two on the same files would spoil
 * them. Only one that takes our password is stopped.
 */
export async function stopLeftoverRedis(portFile: string, password: string): Promise<void> {
  const port = Number(await keptFile(portFile));
  if (!(port > 0) || (await isFree(port))) return;
  const client = await logIn(port, password).catch(() => null);
  if (!client) return;
  await client.call('SHUTDOWN').catch(() => undefined);
  client.disconnect();
  const deadline = Date.now() + LEFTOVER_ENDS_WITHIN_MS;
  while (Date.now() < deadline && !(await isFree(port))) await sleep(20);
}

export async function startNativeRedis(
  program: string,
  { dir, port, password, throwaway }: { dir: string; port: number; password: string; throwaway: boolean },
): Promise<EmbeddedServer> {
  const settingsFile = join(dir, 'redis.conf');
  const logFile = join(dir, 'server.log');
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(dir)}`,
    `appendonly ${throwaway ? 'no' : 'yes'}`,
    'save ""',
    'maxmemory-policy noeviction',
    'loglevel warning',
  ];
  // A file, because everybody on the machine can read the arguments of a process.
  await writeFile(settingsFile, `${settings.join('\n')}\n`, { mode: 0o600 });
  const server = new SupervisedServer({ program, args: [settingsFile], stopSignal: 'TERM', logFile });
  try {
    await server.becomeReady(READY_WITHIN_MS, async () => {
      const client = await logIn(port, password);
      await client.ping().finally(() => client.disconnect());
    });
  } catch (cause) {
    await server.stop();
    throw new EmbeddedError(
      `${program} did not start. If its files are damaged, delete ${dir}: all that matters is in PostgreSQL. ${server.lastWords()}`,
      { cause },
    );
  }
  return {
    name: program,
    url: `redis://:${password}@127.0.0.1:${port}`,
    ended: server.ended.then(() => server.lastWords()),
    stop: () => server.stop(),
  };
}

/** Rejects when nobody answers, or a server that does not have this password. */
async function logIn(port: number, password: string): Promise<Redis> {
  const client = new Redis({ port, lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect();
  // Not by the `password` option: with that, a stranger's server without a password is taken for ours.
  await client.call('AUTH', password);
  return client;
}
