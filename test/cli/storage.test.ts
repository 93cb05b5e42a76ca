import { afterAll, beforeAll, expect, test } from 'vitest';
import { storageCommand } from '../../src/cli/commands/storage.js';
import { commandLine } from '../support/command-line.js';
import { given } from '../support/given.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const heliograph = commandLine([storageCommand], () => run.env);
const thisMonth = new Date().toISOString().slice(0, 7).replace('-', '_');

/** What all the months' tables take together. */
async function stored(): Promise<number> {
  const [{ bytes } = { bytes: 0 }] = await rowsOf<{ bytes: number }>(
    run,
    `select sum(pg_total_relation_size(inhrelid))::bigint as bytes from pg_inherits
     where inhparent in ('messages'::regclass, 'message_events'::regclass, 'webhook_journal'::regclass)`,
  );
  return bytes;
}

test('storage of nothing is no division by nothing', async () => {
  expect((await heliograph('storage')).out).toContain('A message takes about 0 bytes.');
});

test('storage tells what each month takes, and what goes with a message', async () => {
  await Promise.all([given.delivered(run.api), given.delivered(run.api)]);
  await rowsOf(run, 'analyze');
  const before = await stored();
  const { out, code } = await heliograph('storage');
  const after = await stored();
  expect(out).toMatch(new RegExp(`^messages_${thisMonth} +\\d+\\.\\d MB {2}about \\d+ rows$`, 'm'));
  expect(out).toMatch(/^webhook_journal_default +\d+\.\d MB {2}about 0 rows$/m);
  const [{ rows } = { rows: 0 }] = await rowsOf<{ rows: number }>(run, 'select count(*)::int as rows from messages');
  const told = Number(/^A message takes about (\d+) bytes\.$/m.exec(out)?.[1]) * rows;
  // Receipts may still be written down meanwhile, and empty pages be given back.
  expect(told).toBeGreaterThanOrEqual(Math.min(before, after) - rows);
  expect(told).toBeLessThanOrEqual(Math.max(before, after) + rows);
  expect(code).toBe(0);
});
