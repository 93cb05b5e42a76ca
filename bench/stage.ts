import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Pool } from 'pg';
import { pino } from 'pino';
import { migrate } from '../src/platform/database/migrate.js';
import { startEmbedded } from '../src/platform/embedded/embedded.js';
import { newId } from '../src/platform/ids.js';

export const BENCH_KEY = `hg_demo_${'b'.repeat(32)}`;
export const ENCRYPTION_KEY = 'ef'.repeat(32);

/** Real servers with the settings of a first start, alone on this machine. Durable: a commit waits for the disk. */
export interface Stage {
  databaseUrl: string;
  redisUrl: string;
  /** A fresh, migrated database. */
  database(): Promise<{ url: string; pool: Pool; close(): Promise<void> }>;
  stop(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
  const servers = await startEmbedded({ dataDir, log: pino({ level: 'warn' }), need: { postgres: true, redis: true } });
  const { databaseUrl, redisUrl } = servers;
  if (!databaseUrl || !redisUrl) throw new Error('The servers did not start.');
  return {
    databaseUrl,
    redisUrl,
    database: async () => {
      const name = `b_${newId().replaceAll('-', '')}`;
      await administer(databaseUrl, `create database ${name}`);
      const url = Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).toString();
      await migrate(url);
      const pool = new Pool({ connectionString: url, max: 4 });
      // Else a row that fails, and so leaves it open, ends the whole run when the servers stop.
      pool.on('error', () => undefined);
      return {
        url,
        pool,
        close: async () => {
          await pool.end();
          await administer(databaseUrl, `drop database ${name} with (force)`);
        },
      };
    },
    stop: async () => {
      await servers.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
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

/** Settings of a process under load; further ones override. */
export const settings = (stage: Stage, databaseUrl: string, further: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  REDIS_URL: stage.redisUrl,
  REDIS_PREFIX: `b-${newId()}`,
  ENCRYPTION_KEY,
  BOOTSTRAP_API_KEY: BENCH_KEY,
  LOG_LEVEL: 'warn',
  RATE_LIMIT_PER_MINUTE: '10000000',
  PORT: '0',
  ...further,
});

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One of bench/processes/*.ts as a process of its own, which talks over IPC. */
export function startHelper(name: string, env: Record<string, string> = {}): ChildProcess {
  const file = [here(`./processes/${name}.js`), here(`../dist-bench/processes/${name}.js`)].find((path) => path.includes('dist-bench'));
  return fork(file ?? name, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** The program itself, as it is deployed. */
export function startProgram(env: Record<string, string>): ChildProcess {
  return spawn(
    process.execPath,
    [
      ...(process.env['BENCH_PROFILE'] ? ['--cpu-prof', `--cpu-prof-dir=${process.env['BENCH_PROFILE']}`] : []),
      join(process.cwd(), 'dist/main.js'),
    ],
    {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

export async function message<T>(child: ChildProcess): Promise<T> {
  const [value] = (await once(child, 'message')) as [T];
  return value;
}

export async function ask<T>(child: ChildProcess, question: unknown): Promise<T> {
  const answer = message<T>(child);
  child.send(question as never);
  return answer;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

export async function until(check: () => Promise<boolean>, everyMs = 50): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, everyMs));
}
