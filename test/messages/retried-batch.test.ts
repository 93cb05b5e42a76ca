import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completeBatches, findBatches, foldDeltas, lockBatches, moveBatch, reopenRequeued } from '../../src/messages/batch.queries.js';
import type { BatchStatus } from '../../src/messages/batch.row.js';
import { applyChanges, lockMessages } from '../../src/messages/message-changes.js';
import { retries } from '../../src/messages/message-retry.js';
import { acceptMany, statusesOf, storeBatch } from '../delivery/test-provider.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

type Work<R> = (tx: Transaction<unknown>) => Promise<R>;

/** How many of them were queued again. */
const retry =
  (ids: readonly string[]): Work<number> =>
  async (tx) => {
    const found = await retries(tx, await lockMessages(tx, ids), new Date(), { name: 'Key' });
    const changes = found.filter((one) => typeof one !== 'string');
    await applyChanges(tx, changes);
    return changes.length;
  };
const move =
  (id: string, to: BatchStatus): Work<unknown> =>
  (tx) =>
    moveBatch(tx, store.tenantId, id, ['RUNNING'], to);
const fold: Work<unknown[]> = async (tx) => reopenRequeued(tx, await foldDeltas(tx));
const complete: Work<unknown[]> = (tx) => completeBatches(tx, new Date());

/** The second begins while the first has not committed. */
async function overlapping<A, B>(first: Work<A>, second: Work<B>): Promise<[A, B]> {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const one = store.db.transaction(async (tx) => {
    const result = await first(tx);
    begun.resolve();
    await release.promise;
    return result;
  });
  await begun.promise;
  const two = store.db.transaction(second);
  await pause(150);
  release.resolve();
  return Promise.all([one, two]);
}

const deadBatch = async (status: BatchStatus = 'RUNNING', count = 2): Promise<{ id: string; ids: string[] }> => {
  const id = await storeBatch(store, status);
  return { id, ids: await acceptMany(store, count, { batchId: id, status: 'FAILED', errorKind: 'SENDER_MISCONFIGURED' }) };
};
const statusOf = async (id: string) => (await findBatches(store.db.sql, store.tenantId, [id]))[0]?.status;

test('a retry that a cancellation is ahead of leaves its messages as they are', async () => {
  const { id, ids } = await deadBatch();
  expect(await overlapping(move(id, 'CANCELLED'), retry(ids))).toMatchObject([{ status: 'CANCELLED' }, 0]);
  expect(await statusesOf(store, ids)).toEqual(['FAILED', 'FAILED']);
  expect((await store.find(ids[0] ?? '')).errorKind).toBe('SENDER_MISCONFIGURED');
});

test.each(['CANCELLED', 'PAUSED'] as const)('what a retry has queued is there for the one who makes its batch %s after it', async (to) => {
  const { id, ids } = await deadBatch();
  const queued: Work<string[]> = async (tx) => {
    await move(id, to)(tx);
    return (await lockMessages(tx, ids)).map(({ status }) => status);
  };
  expect(await overlapping(retry(ids), queued)).toEqual([2, ['QUEUED', 'QUEUED']]);
  expect(await statusOf(id)).toBe(to);
});

test('a batch is not over while a retry of its messages has not committed, nor after it', async () => {
  const { id, ids } = await deadBatch();
  expect(await overlapping(retry(ids), complete)).toEqual([2, []]);
  expect(await store.db.transaction(complete)).toEqual([]);
  expect(await statusOf(id)).toBe('RUNNING');
});

test('a retry that a completion is ahead of makes the batch run again', async () => {
  const { id, ids } = await deadBatch();
  expect(await overlapping(complete, retry(ids))).toMatchObject([[{ id, status: 'COMPLETED' }], 2]);
  expect(await statusOf(id)).toBe('RUNNING');
});

test('a retry of messages of several batches moves those that were over only, and leaves those of the cancelled one', async () => {
  const batches = await Promise.all((['PAUSED', 'COMPLETED', 'CANCELLED'] as const).map((status) => deadBatch(status)));
  const ids = batches.flatMap((batch) => batch.ids);
  expect(await store.db.transaction(retry(ids))).toBe(4);
  expect(await statusesOf(store, ids)).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'QUEUED', 'FAILED', 'FAILED']);
  expect(await Promise.all(batches.map(({ id }) => statusOf(id)))).toEqual(['PAUSED', 'RUNNING', 'CANCELLED']);
});

test('a batch runs again when what was sent comes back while another clock completes it', async () => {
  const id = await storeBatch(store, 'RUNNING');
  const ids = await acceptMany(store, 1, { batchId: id, status: 'SENT' });
  await store.db.transaction(fold);
  const back: Work<unknown[]> = async (tx) => {
    const rows = await lockMessages(tx, ids);
    await applyChanges(
      tx,
      rows.map((row) => ({ row, set: { status: 'QUEUED' }, note: null })),
    );
    return fold(tx);
  };
  expect(await overlapping(complete, back)).toMatchObject([[{ id, status: 'COMPLETED' }], [{ id, status: 'RUNNING', completedAt: null }]]);
  expect(await store.db.transaction(complete)).toEqual([]);
});

test('the clock does not wait for a part of an upload that is being stored', async () => {
  const id = await storeBatch(store, 'ACCEPTING');
  await acceptMany(store, 1, { batchId: id });
  await store.db.transaction(async (tx) => {
    await lockBatches(tx, [id]);
    expect(await store.db.transaction(fold)).toEqual([]);
  });
});

test('a retry that retries nothing does not make its batch run again', async () => {
  const id = await storeBatch(store, 'COMPLETED');
  const ids = await acceptMany(store, 1, { batchId: id, status: 'DELIVERED' });
  expect(await store.db.transaction(retry(ids))).toBe(0);
  expect(await statusOf(id)).toBe('COMPLETED');
});
