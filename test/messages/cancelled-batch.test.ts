import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertBatch, lockNewestUnsent } from '../../src/messages/batch.queries.js';
import { newBatch } from '../../src/messages/new-batch.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

const SIZE = 20_000;
const AT_ONCE = 200;

let store: TestStore;
let batchId: string;
beforeAll(async () => {
  store = await openTestStore();
  const terms = { name: 'Large', channels: ['SMS' as const], category: 'UTILITY' as const, topic: null, maxCost: null };
  const batch = newBatch(store.tenantId, terms as Parameters<typeof newBatch>[1], new Date());
  batchId = batch.id;
  await store.db.transaction((tx) => insertBatch(tx, batch));
  await store.accept({ batchId, status: 'DELIVERED' });
  await sql`
    insert into messages
    select (jsonb_populate_record(m, jsonb_build_object('id', uuid_floor(now() + n * interval '1 ms')))).*
    from messages m, generate_series(1, ${SIZE}::int) as n`.execute(store.db.sql);
  await sql`analyze messages`.execute(store.db.sql);
});
afterAll(() => store.close());
beforeEach(() => sql`update messages set status = 'DELIVERED' where status <> 'DELIVERED'`.execute(store.db.sql));

const unsent = (count: number, order: 'asc' | 'desc') =>
  sql`update messages set status = 'QUEUED' where id in (select id from messages order by id ${sql.raw(order)} limit ${count})`.execute(
    store.db.sql,
  );

const readBy = async (tx: Transaction<unknown>): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select sum(seq_tup_read + idx_tup_fetch) as count from pg_stat_xact_user_tables where relname like 'messages%'`.execute(tx);
  return Number(rows[0]?.count);
};

describe('cancelling a batch of which most was sent', () => {
  test.each([
    ['many', 300, 'desc', AT_ONCE],
    ['few', 5, 'desc', 5],
    ['none but the oldest', 5, 'asc', 0],
  ] as const)('withdraws some at once and does not read through what was sent (left: %s)', async (_what, left, order, taken) => {
    await unsent(left, order);
    await store.db.transaction(async (tx) => {
      const before = await readBy(tx);
      expect(await lockNewestUnsent(tx, batchId, AT_ONCE)).toHaveLength(taken);
      expect((await readBy(tx)) - before).toBeLessThan(SIZE / 4);
    });
  });
});
