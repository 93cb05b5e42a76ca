import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makePartitions, partitionFigures } from '../../../src/platform/database/partitions.queries.js';
import { openTestStore, type TestStore } from '../../support/test-store.js';

const TABLES = ['messages', 'message_events', 'webhook_journal'];

let store: TestStore;
let other: Client;
beforeEach(async () => {
  store = await openTestStore();
  other = new Client({ connectionString: store.url });
  await other.connect();
  // The database's months are of the moment it was made in, which may have been in another one.
  await make();
  for (const table of TABLES) await other.query(`drop table ${namesOf(table, 1, 2, 3).join(', ')}`);
});
afterEach(async () => {
  await other.end();
  await store.close();
});

/** As in the names of partitions, so many months from now. */
function monthIn(months: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months)).toISOString().slice(0, 7).replace('-', '_');
}

const namesOf = (table: string, ...months: number[]): string[] => months.map((ahead) => `${table}_${monthIn(ahead)}`);
const make = (): Promise<string[]> => makePartitions(store.db.sql);

/** A journal entry whose id says that it came so many months from now. */
const entryIn = (months: number) =>
  other.query(
    `insert into webhook_journal (id, provider, kind, state, dedupe_key, sealed, received_at)
     values (uuid_floor((date_trunc('month', now() at time zone 'UTC') + $1::interval) at time zone 'UTC'), 'p', 'STATUS', 'APPLIED', 'd', '', now())`,
    [`${months} months 3 days`],
  );
const placesOfEntries = async (): Promise<string[]> =>
  (await other.query<{ place: string }>('select tableoid::regclass::text as place from webhook_journal order by id')).rows.map(
    ({ place }) => place,
  );

describe('the months to come', () => {
  test('are made three ahead, once, with every index of the table', async () => {
    expect((await make()).toSorted()).toEqual(TABLES.flatMap((table) => namesOf(table, 1, 2, 3)).toSorted());
    expect(await make()).toEqual([]);
    expect(await partitionFigures(store.db.sql)).toEqual(TABLES.map((name) => ({ name, strays: 0, ahead: 3 })));
    const { rows } = await other.query<{ alike: boolean }>(
      `select (select count(*) from pg_index where indrelid = 'messages'::regclass) =
              (select count(*) from pg_index join pg_inherits on inhrelid = indexrelid where indrelid = $1::regclass) as alike`,
      namesOf('messages', 3),
    );
    expect(rows).toEqual([{ alike: true }]);
  });

  test('are made once by processes that do so at the same time', async () => {
    const made = await Promise.all([make(), make(), make()]);
    await make();
    expect(new Set(made.flat()).size).toBe(made.flat().length);
    expect((await partitionFigures(store.db.sql)).map(({ ahead }) => ahead)).toEqual([3, 3, 3]);
  });

  test('take what no month covered meanwhile out of the default partition, back to a year ago', async () => {
    for (const months of [-24, -5, 1]) await entryIn(months);
    expect(await placesOfEntries()).toEqual(['webhook_journal_default', 'webhook_journal_default', 'webhook_journal_default']);
    expect(await make()).toEqual(expect.arrayContaining(namesOf('webhook_journal', -5, 1, 2, 3)));
    expect(await placesOfEntries()).toEqual(['webhook_journal_default', ...namesOf('webhook_journal', -5, 1)]);
    expect((await partitionFigures(store.db.sql)).map(({ strays }) => strays)).toEqual([0, 0, 1]);
  });

  test('are made where another cannot be, and the one that cannot is named', async () => {
    const [stray = ''] = namesOf('messages', 2);
    await other.query(`create table ${stray} (id uuid)`);
    await expect(make()).rejects.toThrow(`The partition ${stray} could not be made`);
    expect((await partitionFigures(store.db.sql)).map(({ ahead }) => ahead)).toEqual([2, 3, 3]);
  });
});

test('rows that are too many for the job are moved by what the runbook says', async () => {
  await entryIn(1);
  const [, statements = ''] = /^ *begin;$(.*?)^ *commit;$/ms.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
  const dashed = (months: number): string => `${monthIn(months).replace('_', '-')}-01Z`;
  const ofThisCase = statements.replaceAll('2026-01-01Z', dashed(1)).replaceAll('2026-02-01Z', dashed(2));
  await other.query(`begin; ${ofThisCase.replaceAll('2026_01', monthIn(1)).replaceAll('messages', 'webhook_journal')} commit`);
  expect(await placesOfEntries()).toEqual(namesOf('webhook_journal', 1));
  expect(await make()).not.toContain(namesOf('webhook_journal', 1)[0]);
});

describe('while a dump reads the tables', () => {
  beforeEach(async () => {
    await other.query('begin');
    for (const table of TABLES) await other.query(`lock table ${table} in access share mode`);
  });

  /** The longest that somebody waited who reads, and somebody who writes, until `work` has ended. */
  async function longestWaits(work: Promise<unknown>): Promise<number[]> {
    const ended = new AbortController();
    void work.finally(() => ended.abort()).catch(() => undefined);
    const waits = [sql`select id from webhook_journal limit 1`, sql`update webhook_journal set state = state where id = uuid_floor(now())`];
    return Promise.all(
      waits.map(async (statement) => {
        let longest = 0;
        while (!ended.signal.aborted) {
          const began = performance.now();
          await statement.execute(store.db.sql);
          longest = Math.max(longest, performance.now() - began);
        }
        return longest;
      }),
    );
  }

  test('nobody waits much longer than a second for the months, which the next run makes', async () => {
    const making = make();
    const [reading = 0, writing = 0] = await longestWaits(making);
    await expect(making).rejects.toThrow(/messages_.*lock timeout/);
    expect(Math.max(reading, writing)).toBeLessThan(2_000);
    await other.query('commit');
    expect(await make()).toHaveLength(9);
  });
});
