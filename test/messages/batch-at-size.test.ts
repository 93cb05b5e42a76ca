import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { inSeconds } from '../support/given.js';
import { onBatch } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numbers, openUpload, upload } from '../support/upload.js';

const BATCH = 'query ($id: ID!) { batch(id: $id) { status total progress completedAt counts { status count } } }';
const PROGRESS = 'subscription ($id: ID!) { batchProgress(id: $id) { status total progress counts { status count } } }';
const SIZE = 2_500;

let run: TestApp;
beforeAll(async () => {
  // No circuit opens because the machine is busy.
  run = await startTestApp({ PROVIDER_TIMEOUT_SECONDS: '10' });
});
afterAll(() => run.stop());

const batchOf = async (id: string) => (await run.api.query(BATCH, { id })).batch;
const countsOf = (batch: any): Record<string, number> => Object.fromEntries(batch.counts.map(({ status, count }: any) => [status, count]));
const claims = async (id: string): Promise<number> =>
  Number(
    (
      await rowsOf<{ count: string }>(
        run,
        `select count(*) from message_events e join messages m on m.id = e.message_id
    where m.batch_id = '${id}' and e.status = 'SENDING'`,
      )
    )[0]?.count,
  );
const uploaded = async (size: number, parameters: Record<string, string> = {}): Promise<string> =>
  (await upload(run.api, csv('to', ...numbers(size)), { with: parameters })).body.batchId;

/** Over three seconds, however fast the machine is. */
async function uploadedSlowly(size: number, parameters: Record<string, string>): Promise<void> {
  const file = openUpload(run.api, { with: parameters });
  await file.write(csv('to'));
  for (const part of [0, 1, 2, 3, 4]) {
    await file.write(csv(...numbers(size / 5, (part * size) / 5)));
    await pause(600);
  }
  file.end();
  await file.answer;
}

/** Within a second; returns the batch. */
async function change(operation: string, id: string): Promise<any> {
  const begun = performance.now();
  const { batch, userErrors } = (await run.api.mutate(onBatch(operation), { id }))[operation];
  expect(userErrors).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(1_000);
  return batch;
}

describe('a batch of thousands', () => {
  test('can be paused and resumed while it goes out: nothing is claimed after a pause, and in the end each was sent once', async () => {
    const id = await uploaded(SIZE);
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect((await change('pauseBatch', id)).status).toBe('PAUSED');
      const before = await claims(id);
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(await claims(id)).toBe(before);
      await change('resumeBatch', id);
    }
    await eventually(async () => expect((await batchOf(id)).status).toBe('COMPLETED'), 60_000);
    await eventually(async () => expect(countsOf(await batchOf(id))).toEqual({ DELIVERED: SIZE }), 20_000);
    const asked = await rowsOf<{ id: string }>(run, `select id from messages where batch_id = '${id}'`);
    expect(asked.filter((row) => run.simulator.taken(row.id) !== 1)).toEqual([]);
  }, 100_000);

  test('goes out while it is still being read', async () => {
    const sending = upload(run.api, csv('to', ...numbers(SIZE)), { with: { name: 'early' } });
    await eventually(async () => {
      const [batch] = await rowsOf<{ id: string; status: string }>(run, `select id, status from batches where name = 'early'`);
      expect([batch?.status, (await claims(batch?.id ?? '')) > 0]).toEqual(['ACCEPTING', true]);
    });
    await change('cancelBatch', (await sending).body.batchId);
  }, 60_000);

  test('is withdrawn in parts, each of them seen, and none goes out', async () => {
    const id = await uploaded(2 * SIZE, { sendAt: inSeconds(3600) });
    const watching = run.api.subscribe(PROGRESS, { id });
    expect((await watching.next()).batchProgress).toMatchObject({ status: 'RUNNING', progress: 0 });
    await change('cancelBatch', id);
    const seen: any[] = [];
    while (seen.at(-1)?.progress !== 1) seen.push((await watching.next(20_000)).batchProgress);
    await watching.close();
    for (const batch of seen) expect(batch.counts.reduce((sum: number, { count }: any) => sum + count, 0)).toBe(2 * SIZE);
    expect(seen.map(({ progress }) => progress)).toEqual(seen.map(({ progress }) => progress).toSorted((a, b) => a - b));
    await eventually(async () => expect((await batchOf(id)).completedAt).not.toBeNull());
    expect(countsOf(await batchOf(id))).toEqual({ CANCELLED: 2 * SIZE });
    expect(await claims(id)).toBe(0);
  }, 60_000);

  test('tells its progress at once and then at most once a second, from its reading to its end', async () => {
    const sending = uploadedSlowly(SIZE, { name: 'watched' });
    const id = await eventually(async () => {
      const [batch] = await rowsOf<{ id: string }>(run, `select id from batches where name = 'watched'`);
      expect(batch).toBeDefined();
      return batch?.id ?? '';
    });
    const watching = run.api.subscribe(PROGRESS, { id });
    const seen: { at: number; batch: any }[] = [];
    while (seen.at(-1)?.batch.status !== 'COMPLETED') {
      const { batchProgress: batch } = await watching.next(30_000);
      seen.push({ at: performance.now(), batch });
    }
    await watching.close();
    await sending;
    const gaps = seen.slice(1).map(({ at }, index) => at - (seen[index]?.at ?? 0));
    expect(gaps.length).toBeGreaterThan(1);
    // This client may have been late to see one of them itself.
    expect(Math.min(...gaps)).toBeGreaterThan(700);
    for (const { batch } of seen) {
      // Read after the total, so that some more may have come.
      const counted = batch.counts.reduce((sum: number, { count }: any) => sum + count, 0);
      expect(counted >= batch.total && counted <= SIZE).toBe(true);
    }
  }, 90_000);
});
