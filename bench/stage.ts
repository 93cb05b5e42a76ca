import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import { pino } from 'pino';
import { bootstrap } from '../src/accounts/bootstrap.js';
import { buildCore, type Core, type RunningConfig } from '../src/app/build-core.js';
import { readConfig } from '../src/config.js';
import { migrate } from '../src/platform/database/migrate.js';
import { startEmbedded } from '../src/platform/embedded/embedded.js';
import { newId } from '../src/platform/ids.js';
import { endAll } from './children.js';
import { TWILIO_ACCOUNT, TWILIO_TOKEN } from './twilio-account.js';

export const BENCH_KEY = `hg_demo_${'b'.repeat(32)}`;
const ENCRYPTION_KEY = 'ef'.repeat(32);

export interface StageDatabase {
  url: string;
  pool: Pool;
  close(): Promise<void>;
}

/** Real servers with the settings of a first start, alone on this machine. Durable: a commit waits for the disk. */
export interface Stage {
  databaseUrl: string;
  redisUrl: string;
  /** A fresh, migrated database. */
  database(): Promise<StageDatabase>;
  /** Ends and removes whatever a row has left. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  // Not by mkdtemp: what no other account may enter is kept elsewhere for PostgreSQL's, and would stay there.
  const dataDir = join(tmpdir(), `heliograph-bench-${randomUUID()}`);
  const servers = await startEmbedded({ dataDir, log: pino({ level: 'warn' }), need: { postgres: true, redis: true } });
  const { databaseUrl, redisUrl } = servers;
  if (!databaseUrl || !redisUrl) throw new Error('The servers did not start.');
  const made = new Set<string>();
  const drop = async (name: string): Promise<void> => {
    made.delete(name);
    await administer(databaseUrl, `drop database if exists ${name} with (force)`);
  };
  const database = async (): Promise<StageDatabase> => {
    const name = `b_${newId().replaceAll('-', '')}`;
    await administer(databaseUrl, `create database ${name}`);
    made.add(name);
    const url = Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).toString();
    await migrate(url);
    // Never closed for being idle: with a server process goes what it has used of the processors.
    const pool = new Pool({ connectionString: url, max: 4, idleTimeoutMillis: 0 });
    // Else a row that fails, and so leaves it open, ends the whole run when the servers stop.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const close = async (): Promise<void> => {
      await pool.end();
      await drop(name);
    };
    return { url, pool, close };
  };
  return {
    databaseUrl,
    redisUrl,
    database,
    clear: async () => {
      await endAll();
      for (const name of made) await drop(name);
      await emptyRedis(redisUrl);
    },
    stop: async () => {
      await endAll();
      await servers.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Settings of a process under load, which sends through Twilio's adapter; further ones override. */
export const settings = (stage: Stage, databaseUrl: string, further: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  REDIS_URL: stage.redisUrl,
  REDIS_PREFIX: `b-${newId()}`,
  ENCRYPTION_KEY,
  BOOTSTRAP_API_KEY: BENCH_KEY,
  LOG_LEVEL: 'warn',
  RATE_LIMIT_PER_MINUTE: '10000000',
  PORT: '0',
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: TWILIO_ACCOUNT,
  TWILIO_AUTH_TOKEN: TWILIO_TOKEN,
  TWILIO_FROM_NUMBER: '+15005550006',
  TWILIO_API_BASE_URL: 'http://127.0.0.1:9',
  PUBLIC_URL: 'http://127.0.0.1:9',
  ...further,
});

/** The services themselves, in this process, and the tenant that all belongs to. */
export async function openCore(env: Record<string, string>): Promise<{ core: Core; tenantId: string }> {
  const core = await buildCore(readConfig(env) as RunningConfig, {
    log: pino({ level: 'warn' }),
    publicUrl: () => 'http://127.0.0.1:9',
    sends: false,
  });
  const { tenantId } = await bootstrap({ db: core.db, ...core.accounts, setUp: async () => undefined }, { secret: BENCH_KEY });
  return { core, tenantId };
}

/** `data` of an answer without errors. */
export async function graphql<T>(url: string, query: string, variables: object, withinMs = 60_000): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${BENCH_KEY}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(withinMs),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown };
  if (errors || !data) throw new Error(`GraphQL: ${JSON.stringify(errors).slice(0, 500)}`);
  return data;
}

/** Numbers that are nobody's, as many as are wanted. */
export const numberOf = (index: number): string =>
  `+1${AREAS[Math.floor(index / 10_000) % AREAS.length]}555${String(index % 10_000).padStart(4, '0')}`;
const AREAS = [201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228];
