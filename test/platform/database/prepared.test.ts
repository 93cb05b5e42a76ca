import { sql, type RawBuilder, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepared } from '../../../src/platform/database/prepared.js';
import { openTestStore, type TestStore } from '../../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

const answer = (n: number, name: string): RawBuilder<unknown> => sql`
    ${prepared}select ${n}::int as ${sql.ref(name)}`;

async function repeat(times: number, statement: (n: number) => RawBuilder<unknown>, tx: Transaction<unknown>): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let n = 0; n < times; n++) answers.push((await statement(n).execute(tx)).rows[0]);
  return answers;
}

async function kept(tx: Transaction<unknown>): Promise<string[]> {
  const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements order by prepare_time`.execute(tx);
  return rows.map(({ statement }) => statement);
}

describe('a statement that workers send all day', () => {
  test('is kept by the connection, and answers with the values of each time', () =>
    store.db.transaction(async (tx) => {
      expect(await repeat(40, (n) => answer(n, 'often'), tx)).toEqual(Array.from({ length: 40 }, (_, often) => ({ often })));
      expect(await kept(tx)).toEqual(['select $1::int as "often"']);
    }));

  test('is not kept where it comes now and then', () =>
    store.db.transaction(async (tx) => {
      await repeat(10, (n) => answer(n, 'seldom'), tx);
      expect(await kept(tx)).not.toContain('select $1::int as "seldom"');
    }));

  test('is one of few that a connection keeps', () =>
    store.db.transaction(async (tx) => {
      for (let word = 0; word < 80; word++) await repeat(22, (n) => answer(n, `word_${word}`), tx);
      expect((await kept(tx)).length).toBeLessThanOrEqual(64);
      expect(await repeat(1, (n) => answer(n, 'word_79'), tx)).toEqual([{ word_79: 0 }]);
    }));
});

test('what is not marked is planned each time', () =>
  store.db.transaction(async (tx) => {
    await repeat(40, (n) => sql`select ${n}::int as unmarked`, tx);
    expect(await kept(tx)).not.toContain('select $1::int as unmarked');
  }));
