import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { onBatch } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numbers, openUpload } from '../support/upload.js';

const SIZE = 3_000;
/** Handed out by resumeBatch itself. */
const AT_ONCE = 200;

/** Nobody sweeps: as while the sweep is at what others have. */
let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api,worker', PROVIDER_TIMEOUT_SECONDS: '10' });
});
afterAll(() => run.stop());

async function countOf(id: string, condition: string): Promise<number> {
  const [found] = await rowsOf<{ count: number }>(
    run,
    `select count(*)::int as count from messages where batch_id = '${id}' and ${condition}`,
  );
  return found?.count ?? NaN;
}

/** All but the first thousand were accepted while it was paused. */
async function paused(): Promise<string> {
  const sending = openUpload(run.api);
  await sending.write(csv('to', ...numbers(1_000)));
  const id = await eventually(async () => {
    const [batch] = await rowsOf<{ id: string }>(run, 'select id from batches');
    expect(batch).toBeDefined();
    return batch?.id ?? '';
  });
  await run.api.mutate(onBatch('pauseBatch'), { id });
  await sending.write(csv(...numbers(SIZE - 1_000, 1_000)));
  sending.end();
  await sending.answer;
  return id;
}

test('a batch that is resumed goes out again at once, whatever the sweep is at', async () => {
  const id = await paused();
  await eventually(async () => expect(await countOf(id, `status = 'QUEUED' and hint_at is not null`)).toBe(0), 30_000);
  const held = await countOf(id, `status = 'QUEUED'`);
  expect(held).toBeGreaterThanOrEqual(SIZE - 1_000);
  expect((await run.api.mutate(onBatch('resumeBatch'), { id })).resumeBatch.userErrors).toEqual([]);
  expect(await countOf(id, `status = 'QUEUED' and hint_at is null`)).toBe(held - AT_ONCE);
  await eventually(async () => expect(await countOf(id, `status = 'QUEUED'`)).toBe(held - AT_ONCE), 20_000);
}, 60_000);
