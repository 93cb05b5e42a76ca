import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type EmbeddedServers, startEmbedded } from '../../src/platform/embedded/embedded.js';

/** A folder that servers of another account can enter, gone with the test. */
export function newDataDir(): string {
  const dataDir = join(tmpdir(), `heliograph-embedded-${randomUUID()}`);
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

export interface StartedServers extends EmbeddedServers {
  /** Lines of the log, as objects. */
  logged: Record<string, unknown>[];
}

/** Stopped with the test, unless it stops them itself. */
export async function startServers(dataDir: string, need: { postgres?: boolean; redis?: boolean }): Promise<StartedServers> {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
  const servers = await startEmbedded({ dataDir, log, need: { postgres: false, redis: false, ...need } });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= servers.stop());
  onTestFinished(stop);
  return { ...servers, stop, logged };
}

/** The rows of a statement on a connection of its own. */
export async function query(url: string | undefined, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** The answer of Redis to one command on a connection of its own. */
export async function ask(url: string | undefined, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(url ?? '', { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}
