import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type EmbeddedServers, startEmbedded } from '../../src/platform/embedded/embedded.js';
import { newDataDir, query, startServers } from '../support/embedded-servers.js';
import { processesNaming } from '../support/processes.js';

const POSTGRES = { postgres: true };

const log = pino({ level: 'silent' });
const start = (dataDir: string): Promise<EmbeddedServers> => startEmbedded({ dataDir, log, need: { postgres: true, redis: false } });

/** A folder after a first start and stop; to copy it is quicker than to make each anew. */
const used = join(tmpdir(), `heliograph-embedded-${randomUUID()}`);
const copyOfUsed = async (dataDir: string): Promise<string> => {
  await promisify(execFile)('cp', ['-a', used, dataDir]);
  return dataDir;
};
const usedDataDir = (): Promise<string> => copyOfUsed(newDataDir());

/** For the tests that change nothing. */
const shared = `${used}-shared`;
let running: EmbeddedServers;

beforeAll(async () => {
  await (await start(used)).stop();
  running = await start(await copyOfUsed(shared));
});
afterAll(async () => {
  await running.stop();
  for (const dataDir of [used, shared]) await rm(dataDir, { recursive: true });
});

/** As a crash of the machine would leave it, but for the processes that the test spares. */
async function killAll(dataDir: string, spared: (command: string) => boolean = () => false): Promise<void> {
  for (const { pid, command } of await processesNaming(dataDir)) if (!spared(command)) process.kill(pid, 'SIGKILL');
  await rm(join(dataDir, 'heliograph.pid'));
}

describe('the embedded PostgreSQL', () => {
  test('is a PostgreSQL 18 with an empty database that speaks UTF-8', async () => {
    const [row] = await query(
      running.databaseUrl,
      `select current_database() as name, current_setting('server_version_num')::int / 10000 as version,
              pg_encoding_to_char(encoding) as encoding, lower('ÄÉ') as lower
       from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({ name: 'heliograph', version: 18, encoding: 'UTF8', lower: 'äé' });
  });

  test('lets in nobody without its password', async () => {
    const withoutPassword = new URL(running.databaseUrl ?? '');
    withoutPassword.password = 'password';
    await expect(query(withoutPassword.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test('keeps its secrets from other users of the machine', async () => {
    for (const file of ['encryption.key', 'servers.json', 'postgres/password', 'postgres/server.log'])
      expect([file, (await stat(join(shared, file))).mode & 0o777]).toEqual([file, 0o600]);
  });

  test('has its data and its URL again at the next start', async () => {
    const dataDir = await usedDataDir();
    const first = await startServers(dataDir, POSTGRES);
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    await first.stop();
    expect(await processesNaming(dataDir)).toEqual([]);
    const second = await startServers(dataDir, POSTGRES);
    expect(second.databaseUrl).toBe(first.databaseUrl);
    expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ answer: 42 }]);
  });

  test('has its data in a copy of the folder, whoever made it', async () => {
    const dataDir = newDataDir();
    await promisify(execFile)('cp', ['-r', used, dataDir]);
    const { databaseUrl } = await startServers(dataDir, POSTGRES);
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('takes another port while another program has its own', async () => {
    const dataDir = await usedDataDir();
    expect(await readFile(join(dataDir, 'postgres/port'), 'utf8')).toBe(await readFile(join(shared, 'postgres/port'), 'utf8'));
    const { databaseUrl } = await startServers(dataDir, POSTGRES);
    expect(new URL(databaseUrl ?? '').port).not.toBe(new URL(running.databaseUrl ?? '').port);
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

test('it works in a folder that is closed to others, as that of root is, and leaves nothing there or elsewhere when thrown away', async () => {
  const closed = newDataDir();
  await mkdir(closed, { mode: 0o700 });
  const dataDir = join(closed, 'data');
  const { databaseUrl, stop } = await startEmbedded({ dataDir, log, need: { postgres: true, redis: false }, throwaway: true });
  const home = await realpath(join(dataDir, 'postgres'));
  expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  await stop();
  expect([existsSync(home), existsSync(dataDir)]).toEqual([false, false]);
});

describe('after an unclean end', () => {
  test('it has its data, when all of it was killed', async () => {
    const dataDir = await usedDataDir();
    const first = await startServers(dataDir, POSTGRES);
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    await killAll(dataDir);
    const second = await startServers(dataDir, POSTGRES);
    expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ answer: 42 }]);
  });

  test('a server that runs on without its guard is taken over, and stopped in the end', async () => {
    const dataDir = await usedDataDir();
    const first = await startServers(dataDir, POSTGRES);
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    await killAll(dataDir, (command) => !command.startsWith('/bin/sh'));
    expect(await query(first.databaseUrl, 'select * from kept')).toEqual([{ answer: 42 }]);
    const second = await startServers(dataDir, POSTGRES);
    expect(await query(second.databaseUrl, 'select * from kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    expect(await processesNaming(dataDir)).toEqual([]);
  });

  test('it starts although its process number now belongs to another program', async () => {
    const dataDir = await usedDataDir();
    await writeFile(join(dataDir, 'postgres/data/postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    const { databaseUrl } = await startServers(dataDir, POSTGRES);
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a database whose making was cut short is made anew', async () => {
    const dataDir = await usedDataDir();
    const data = join(dataDir, 'postgres/data');
    await rm(data, { recursive: true });
    await writeFile(`${data}.new`, 'half');
    const { databaseUrl } = await startServers(dataDir, POSTGRES);
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('what is wrong is said', () => {
  test('when the server ends by itself', async () => {
    const dataDir = await usedDataDir();
    const { logged } = await startServers(dataDir, POSTGRES);
    for (const { pid, command } of await processesNaming(dataDir)) if (!command.startsWith('/bin/sh')) process.kill(pid, 'SIGTERM');
    await vi.waitFor(() => expect(logged).toHaveLength(1), 5_000);
    expect(logged[0]).toMatchObject({ level: 60, server: 'postgres', lastWords: expect.stringContaining('smart shutdown request') });
  });

  test('when it cannot start, with the end of its log', async () => {
    const dataDir = await usedDataDir();
    await appendFile(join(dataDir, 'postgres/data/postgresql.conf'), 'nonsense = 1\n');
    await expect(startServers(dataDir, POSTGRES)).rejects.toThrow(
      /^The embedded PostgreSQL did not start\. .+server\.log ends:\n.*unrecognized configuration parameter "nonsense"/s,
    );
    expect(existsSync(join(dataDir, 'heliograph.pid'))).toBe(false);
  });

  test('when its password is lost', async () => {
    const dataDir = await usedDataDir();
    await rm(join(dataDir, 'postgres/password'));
    await expect(startServers(dataDir, POSTGRES)).rejects.toThrow(
      `postgres/password is missing, and without it the database in ${dataDir}`,
    );
  });

  test('when there is no embedded PostgreSQL for this machine', async () => {
    const { arch } = process;
    onTestFinished(() => void Object.defineProperty(process, 'arch', { value: arch }));
    Object.defineProperty(process, 'arch', { value: 'mips' });
    await expect(startServers(newDataDir(), POSTGRES)).rejects.toThrow('Set DATABASE_URL to a PostgreSQL 15 or newer');
  });

  test('but no value from a statement gets into its log', async () => {
    await expect(query(running.databaseUrl, `select '+14155550100'::uuid`)).rejects.toThrow('invalid input syntax');
    await sleep(100);
    expect(await readFile(join(shared, 'postgres/server.log'), 'utf8')).not.toContain('14155550100');
  });
});
