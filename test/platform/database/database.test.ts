import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPassing, isUnavailable, unavailable } from '../../../src/platform/database/database.js';
import { openTestStore, type TestStore } from '../../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

const cutAllOthers = () =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
    store.db.sql,
  );

describe('the database', () => {
  test('counts in numbers and tells times as they were', async () => {
    const { rows } =
      await sql`select count(*) as n, 7::int8 as big, '2026-03-01T12:00:00.123Z'::timestamptz as at, 1.50::numeric as money`.execute(
        store.db.sql,
      );
    expect(rows).toEqual([{ n: 1, big: 7, at: new Date('2026-03-01T12:00:00.123Z'), money: '1.50' }]);
  });

  test('tries a transaction again when it deadlocked with another', async () => {
    await sql`create table pairs (id int primary key, n int not null)`.execute(store.db.sql);
    await sql`insert into pairs values (1, 0), (2, 0)`.execute(store.db.sql);
    const both = Promise.withResolvers<void>();
    let begun = 0;
    const add = (first: number, second: number) =>
      store.db.transaction(async (tx) => {
        await sql`update pairs set n = n + 1 where id = ${first}`.execute(tx);
        if (++begun === 2) both.resolve();
        await both.promise;
        await sql`update pairs set n = n + 1 where id = ${second}`.execute(tx);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    const { rows } = await sql`select n from pairs order by id`.execute(store.db.sql);
    expect([rows, begun]).toEqual([[{ n: 2 }, { n: 2 }], 3]);
  });

  test('does not try again what failed for a reason of its own', async () => {
    let tries = 0;
    const failing = store.db.transaction(async (tx) => {
      tries++;
      await sql`select 1 / 0`.execute(tx);
    });
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(tries).toBe(1);
  });

  test('that cuts a connection inside a transaction fails the transaction, not the program', async () => {
    const broken = store.db.transaction(async (tx) => {
      await sql`select 1`.execute(tx);
      await cutAllOthers();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql`select 1`.execute(tx);
    });
    const error: unknown = await broken.catch((thrown: unknown) => thrown);
    expect(isUnavailable(error)).toBe(true);
    await expect(store.db.ping()).resolves.toBeUndefined();
  });
});

describe('a database that cannot be reached', () => {
  test.each([
    { code: 'ECONNREFUSED' },
    { code: 'ECONNRESET' },
    { code: 'ETIMEDOUT' },
    { code: 'EAI_AGAIN' },
    { code: 'EHOSTUNREACH' },
    { code: 'ENETUNREACH' },
    { code: '57P01' },
    { code: '57P03' },
    { code: '53300' },
    { code: '08006' },
    { code: '25006' },
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('Client was closed and is not queryable'),
    new Error('Query read timeout'),
  ])('is known by %o', (error) => {
    expect(isUnavailable(error)).toBe(true);
  });

  test.each([{ code: '23505' }, { code: '22P02' }, { code: '57014' }, new Error('no'), null, undefined, 'text'])(
    'is not known by %o',
    (error) => {
      expect(isUnavailable(error)).toBe(false);
    },
  );

  test('is told to callers without its secrets', () => {
    const error = unavailable(new Error('postgres://user:password@host'));
    expect([error.code, error.message]).toEqual(['UNAVAILABLE', 'The database cannot be reached just now; try again shortly.']);
  });
});

describe('a fault', () => {
  test.each(['53100', '53200', '57014', '40P01', '40001', '55P03', '58030', '25P03', '57P01', '25006'])(
    'with the code %s is in the server, not in what was written',
    (code) => expect(isPassing({ code })).toBe(true),
  );

  test.each([{ code: '22021' }, { code: '23505' }, { code: '42703' }, new TypeError('no'), null])(
    'such as %o is in what was written',
    (error) => expect(isPassing(error)).toBe(false),
  );
});
