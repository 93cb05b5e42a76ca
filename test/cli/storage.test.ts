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

test('storage tells what each month takes, and what goes with a message', async () => {
  expect((await heliograph('storage')).out).toContain('A message takes about 0 bytes.');
  await Promise.all([given.delivered(run.api), given.delivered(run.api)]);
  await rowsOf(run, 'analyze');
  const { out, code } = await heliograph('storage');
  expect(out).toMatch(new RegExp(`^messages_${thisMonth} +\\d+\\.\\d MB {2}about 2 rows$`, 'm'));
  expect(out).toMatch(/^webhook_journal_default +\d+\.\d MB {2}about 0 rows$/m);
  const [{ bytes } = { bytes: 0 }] = await rowsOf<{ bytes: number }>(
    run,
    `select sum(pg_total_relation_size(inhrelid))::bigint as bytes from pg_inherits
     where inhparent in ('messages'::regclass, 'message_events'::regclass, 'webhook_journal'::regclass)`,
  );
  expect(out).toMatch(new RegExp(`^A message takes about ${Math.round(bytes / 2)} bytes\\.$`, 'm'));
  expect(code).toBe(0);
});
