import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { completeBatches, countsOf, foldDeltas, insertBatch, moveBatch, reopenRequeued } from '../../src/messages/batch.queries.js';
import type { BatchRow } from '../../src/messages/batch.row.js';
import { applyChanges, lockMessages } from '../../src/messages/message-changes.js';
import type { MessageStatus } from '../../src/messages/message-status.js';
import { newId } from '../../src/platform/ids.js';
import { messageRow, NOW } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

/** A batch of so many messages that wait. */
async function batchOf(count: number, overrides: Partial<BatchRow> = {}): Promise<{ id: string; messageIds: string[] }> {
  const id = newId();
  const batch: BatchRow = {
    id,
    tenantId: store.tenantId,
    name: 'Batch',
    status: 'RUNNING',
    channels: ['SMS', 'WHATSAPP'],
    category: 'UTILITY',
    topic: null,
    maxCost: null,
    total: count,
    rejected: 0,
    createdAt: NOW,
    completedAt: null,
    ...overrides,
  };
  await store.db.transaction((tx) => insertBatch(tx, batch));
  const rows = Array.from({ length: count }, () => messageRow({ tenantId: store.tenantId, batchId: id }));
  if (count > 0) await store.acceptance.accept({ rows, checks: [], source: 'API', actor: null });
  return { id, messageIds: rows.map((row) => row.id) };
}

const move = (ids: readonly string[], status: MessageStatus): Promise<unknown> =>
  store.db.transaction(async (tx) => {
    const rows = await lockMessages(tx, ids);
    await applyChanges(
      tx,
      rows.map((row) => ({ row, set: { status }, note: null })),
    );
  });

const counts = async (id: string): Promise<Record<string, number>> =>
  Object.fromEntries((await countsOf(store.db.sql, [id])).map(({ status, count }) => [status, count]));
const fold = (): Promise<unknown> => foldDeltas(store.db.sql);

describe('the counts of a batch', () => {
  test('follow its messages, folded or not', async () => {
    const { id, messageIds } = await batchOf(5);
    expect(await counts(id)).toEqual({ QUEUED: 5 });
    await fold();
    await move(messageIds.slice(0, 3), 'SENDING');
    expect(await counts(id)).toEqual({ QUEUED: 2, SENDING: 3 });
    await move(messageIds.slice(0, 2), 'SENT');
    await fold();
    await fold();
    expect(await counts(id)).toEqual({ QUEUED: 2, SENDING: 1, SENT: 2 });
    const { rows } = await sql`select 1 from batch_deltas where batch_id = ${id}`.execute(store.db.sql);
    expect(rows).toEqual([]);
  });

  test('are right at every moment, however many move, fold and read at once', async () => {
    const { id, messageIds } = await batchOf(60);
    const sums: number[] = [];
    const end = new AbortController();
    const reading = async (): Promise<void> => {
      while (!end.signal.aborted) sums.push(Object.values(await counts(id)).reduce((sum, count) => sum + count, 0));
    };
    const folding = async (): Promise<void> => {
      while (!end.signal.aborted) await fold();
    };
    const movers = Array.from({ length: 3 }, async (_, start) => {
      for (const status of ['SENDING', 'SENT', 'DELIVERED'] as const)
        for (let i = start; i < messageIds.length; i += 3) await move(messageIds.slice(i, i + 1), status);
    });
    const others = [reading(), reading(), folding(), folding()];
    await Promise.all(movers).finally(() => end.abort());
    await Promise.all(others);
    expect(new Set(sums)).toEqual(new Set([60]));
    expect(await counts(id)).toEqual({ DELIVERED: 60 });
  });
});

const reopen = () => store.db.transaction(async (tx) => reopenRequeued(tx, await foldDeltas(tx)));
const complete = () => store.db.transaction((tx) => completeBatches(tx, NOW));

describe('a batch', () => {
  beforeEach(complete);

  test('is over when nothing of it is left to send, and that once', async () => {
    const [done, open, unconfirmed] = [await batchOf(2), await batchOf(2), await batchOf(1)];
    await move(done.messageIds, 'SENT');
    await move(open.messageIds.slice(1), 'SENT');
    await move(unconfirmed.messageIds, 'UNCONFIRMED');
    await fold();
    const ended = await complete();
    expect(ended).toMatchObject([{ id: done.id, status: 'COMPLETED', completedAt: NOW, channels: ['SMS', 'WHATSAPP'] }]);
    expect(await complete()).toEqual([]);
  });

  test('runs again when what was sent comes back to be sent, and is over once more', async () => {
    const { id, messageIds } = await batchOf(1);
    await move(messageIds, 'SENT');
    expect(await reopen()).toEqual([]);
    expect(await complete()).toMatchObject([{ id, status: 'COMPLETED' }]);
    await move(messageIds, 'QUEUED');
    expect(await reopen()).toMatchObject([{ id, status: 'RUNNING', completedAt: null }]);
    await move(messageIds, 'FAILED');
    expect(await reopen()).toEqual([]);
    expect(await complete()).toMatchObject([{ id, status: 'COMPLETED' }]);
  });

  test('that was cancelled is open again when something waits once more, also a message that stands in, and not for what is in hand', async () => {
    const { id, messageIds } = await batchOf(1, { status: 'CANCELLED', completedAt: NOW });
    const open = { id, status: 'CANCELLED', completedAt: null };
    for (const status of ['SENDING', 'UNCONFIRMED', 'SENT'] as const) {
      await move(messageIds, status);
      expect(await reopen()).toEqual([]);
    }
    await move(messageIds, 'QUEUED');
    expect(await reopen()).toMatchObject([open]);
    await move(messageIds, 'FAILED');
    expect(await reopen()).toEqual([]);
    await store.accept({ batchId: id });
    expect(await reopen()).toMatchObject([open]);
  });

  test.each(['PAUSED', 'CANCELLED', 'ACCEPTING'] as const)('that is %s is not over by itself', async (status) => {
    await batchOf(0, { status });
    expect(await complete()).toEqual([]);
  });

  test('moves from where it may only, and only by its tenant', async () => {
    const { id } = await batchOf(1);
    const to = (tenantId: string, from: 'RUNNING' | 'PAUSED') =>
      store.db.transaction((tx) => moveBatch(tx, tenantId, id, [from], 'PAUSED'));
    expect(await to(newId(), 'RUNNING')).toBeNull();
    expect(await to(store.tenantId, 'PAUSED')).toBeNull();
    expect(await to(store.tenantId, 'RUNNING')).toMatchObject({ id, status: 'PAUSED' });
  });
});
