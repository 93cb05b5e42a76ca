import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/platform/database/migrate.js';
import { lockHolder } from '../../src/platform/embedded/data-dir-lock.js';
import { startEmbedded } from '../../src/platform/embedded/embedded.js';
import { processesNaming } from './processes.js';
import { inDatabase, TEMPLATE_DATABASE } from './template-database.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** With all rights on the server; tests work in databases of their own, see `createTestDatabase`. */
    databaseUrl: string;
    redisUrl: string;
  }
}

const NAME = 'heliograph-test-';

/** One PostgreSQL and one Redis for the whole run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${NAME}${randomUUID()}`);
  const servers = await startEmbedded({ dataDir, log: pino({ level: 'warn' }), need: { postgres: true, redis: true }, throwaway: true });
  const { databaseUrl, redisUrl } = servers;
  try {
    if (!databaseUrl || !redisUrl) throw new Error('The embedded servers gave no URLs.');
    await createTemplate(databaseUrl);
    project.provide('databaseUrl', databaseUrl);
    project.provide('redisUrl', redisUrl);
  } catch (error) {
    await servers.stop();
    throw error;
  }
  return async () => {
    await servers.stop();
    const left = await processesNaming(dataDir);
    if (left.length > 0) throw new Error(`Processes are left behind:\n${left.map(({ command }) => command).join('\n')}`);
  };
}

/** The files of runs that were killed; their servers have ended with them. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const dataDir = join(tmpdir(), name);
    if (!name.startsWith(NAME) || (await lockHolder(dataDir)) !== null) continue;
    // One that begins just now has not claimed its folder yet.
    const found = await stat(dataDir).catch(() => null);
    if (found && Date.now() - found.mtimeMs > 60_000) await rm(dataDir, { recursive: true, force: true });
  }
}

async function createTemplate(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`create database ${TEMPLATE_DATABASE}`);
  await client.end();
  await migrate(inDatabase(TEMPLATE_DATABASE, databaseUrl));
}
