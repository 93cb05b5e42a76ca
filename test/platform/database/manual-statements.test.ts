import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStore, type TestStore } from '../../support/test-store.js';

const MANUAL = readFileSync('docs/operations.md', 'utf8');
const told = [...MANUAL.matchAll(/(?:`|```sql\n|psql -Atc ")((?:select|update) [^`";]+)/g)].map(([, statement = '']) => statement);
const EPOCH = told.find((statement) => statement.includes('>> 32')) ?? '';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await store.accept();
});
afterAll(() => store.close());

describe('docs/operations.md', () => {
  test('is read for its statements', () => {
    expect(told.length).toBeGreaterThan(7);
    expect(EPOCH).not.toBe('');
  });

  test.each(told)('tells a statement that runs on this schema: %s', async (statement) => {
    const run = store.db.sql.transaction().execute(async (tx) => {
      await sql.raw(statement).execute(tx);
      throw new Error('taken back');
    });
    await expect(run).rejects.toThrow('taken back');
  });

  test('lifts the count of a new server above all transactions that a dump tells of', async () => {
    const highest = 3n * 2n ** 32n + 7n;
    await sql`update message_events set xid = ${String(highest)}::xid8`.execute(store.db.sql);
    const [row] = (await sql.raw<Record<string, string>>(EPOCH).execute(store.db.sql)).rows;
    const [epoch = '0'] = Object.values(row ?? {});
    expect(BigInt(epoch) << 32n > highest).toBe(true);
    expect((BigInt(epoch) - 1n) << 32n > highest).toBe(false);
  });
});
