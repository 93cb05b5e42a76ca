import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { built } from '../support/built.js';
import { createTestDatabase, testRedis, type TestDatabase } from '../support/test-database.js';

const HELIOGRAPH = join(import.meta.dirname, '../../dist/cli/heliograph.js');
const NOBODY = ['contact', 'export', '--tenant', 'acme', '--phone', '+14155550100'];
const INCOMPLETE = 'The document is not complete: the rest could not be written.\n';

let database: TestDatabase;
let db: Client;
beforeAll(async () => {
  await built();
  database = await createTestDatabase();
  db = new Client({ connectionString: database.url });
  await db.connect();
  await ended(start('pipe', 'tenant', 'create', 'acme', '--name', 'Acme'));
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

function start(out: 'pipe' | number, ...args: string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, REDIS_URL: testRedis().url, ENCRYPTION_KEY: '0'.repeat(64) };
  return spawn(process.execPath, [HELIOGRAPH, ...args], { env, stdio: ['ignore', out, 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ err: string; code: unknown }> {
  const [err, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')]);
  return { err, code };
}

/** As `| head` does when it has seen enough. */
function unread(...args: string[]): ReturnType<typeof ended> {
  const child = start('pipe', ...args);
  child.stdout?.destroy();
  return ended(child);
}

function unstored(...args: string[]): ReturnType<typeof ended> {
  const full = openSync('/dev/full', 'w');
  const child = start(full, ...args);
  closeSync(full);
  return ended(child);
}

test('an import goes on to its end when nobody reads what it prints', async () => {
  const file = join(tmpdir(), `unread-consents-${process.pid}.csv`);
  onTestFinished(() => rm(file, { force: true }));
  const lines = Array.from({ length: 3_000 }, (_, n) => `${n % 2 ? `+1415555${1_000 + n}` : '+1'},SMS,UTILITY`);
  await writeFile(file, ['phone,channels,categories', ...lines].join('\n'));
  const err = 'acme: 3000 lines, 1500 recorded, 0 known already, 1500 rejected.\n';
  expect(await unread('consent', 'import', file, '--tenant', 'acme')).toEqual({ err, code: 1 });
  const { rows } = await db.query(`select action from audit_entries where action like 'consents.%' order by id`);
  expect(rows).toEqual([{ action: 'consents.importStarted' }, { action: 'consents.imported' }]);
});

test('a command whose output is not read any more ends in order', async () => {
  expect(await unread('storage')).toEqual({ err: '', code: 0 });
});

test('a command whose output there is no room for says so once, and ends with 1', async () => {
  expect(await unstored('storage')).toEqual({ err: 'The disk is full.\n', code: 1 });
});

test('an export that cannot be written to its end says that it is not complete', async () => {
  expect(await unread(...NOBODY)).toEqual({ err: INCOMPLETE, code: 1 });
  expect(await unstored(...NOBODY)).toEqual({ err: `The disk is full.\n${INCOMPLETE}`, code: 1 });
});
