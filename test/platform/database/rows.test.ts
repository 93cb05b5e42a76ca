import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnList, rowsOf, snakeCase } from '../../../src/platform/database/rows.js';
import { openTestStore, type TestStore } from '../../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

/** What a value is after its way to PostgreSQL and back. */
async function there<T>(type: string, values: T[]): Promise<T[]> {
  const rows = values.map((value) => ({ value }));
  const { rows: back } = await sql<{ value: T }>`select value from ${rowsOf({ value: type }, rows, 'r')}`.execute(store.db.sql);
  return back.map(({ value }) => value);
}

const AWKWARD = ['', ' ', 'NULL', 'null', '"', '\\', '\\n', '{a,b}', "o'clock", 'a\nb\tc\r', '\u0001', 'مرحبا 🎉', '$1'];

describe('rows that travel to PostgreSQL as one parameter a column', () => {
  test.each([
    ['text', [...AWKWARD, null]],
    ['text[]', [[], AWKWARD, [null, 'a'], null]],
    ['jsonb', [{ a: [1, 'x', null, { 'b"\\': AWKWARD }] }, [], 'text', 7, true, null]],
    ['bytea', [Buffer.from([0, 1, 92, 255]), Buffer.alloc(0), null]],
    ['timestamptz', [new Date('2026-03-01T12:00:00.123Z'), new Date('1969-12-31T23:59:59.999Z'), new Date('9999-12-31T23:59:59Z'), null]],
    ['int', [0, -1, 2_147_483_647, null]],
    ['bigint', [0, -1, Number.MAX_SAFE_INTEGER, null]],
    ['bool', [true, false, null]],
    ['numeric', ['0.0083', '123456789012.123456', null]],
    ['uuid', ['01900000-0000-7000-8000-000000000001', null]],
  ])('%s comes back as it was', async (type, values) => {
    expect(await there<unknown>(type, values)).toEqual(values);
  });

  test('half a surrogate pair comes back as a replacement character, in JSON as in a text', async () => {
    const [half, whole] = ['a\ud83d', '\ufffd \\ud83d \\\\ud83d \ud83d\ude00 \u001f'];
    expect(await there('text', [half, half + whole])).toEqual(['a\ufffd', `a\ufffd${whole}`]);
    const json = (text: string): object => ({ [text]: [`"${text}`, whole, text + whole] });
    expect(await there('jsonb', [json(half), json('\ude00')])).toEqual([json('a\ufffd'), json('\ufffd')]);
  });

  test.each([
    ['text', 'a \'"\\ text'],
    ['text[]', ['a', null]],
    ['jsonb', { a: ['"'] }],
    ['bytea', Buffer.from([0, 255])],
    ['timestamptz', new Date('2026-03-01T12:00:00.123Z')],
    ['int', 7],
    ['bool', false],
    ['numeric', '0.0083'],
    ['text', null],
    ['jsonb', null],
  ])('%s that is the same in every row comes back in every row', async (type, value) => {
    const rows = [1, 2, 3].map((n) => ({ n, value: structuredClone(value) }));
    const { rows: back } = await sql`select n, value from ${rowsOf({ n: 'int', value: type }, rows, 'r')} order by n`.execute(store.db.sql);
    expect(back).toEqual([1, 2, 3].map((n) => ({ n, value })));
  });

  test('keep their order and their columns', async () => {
    const rows = [
      { aName: 'x', someTags: ['1'], at: null },
      { aName: 'y', someTags: [], at: new Date(0) },
    ];
    const columns = { aName: 'text', someTags: 'text[]', at: 'timestamptz' };
    const { rows: back } = await sql`select a_name as "aName", some_tags as "someTags", at from ${rowsOf(columns, rows, 'r')}`.execute(
      store.db.sql,
    );
    expect(back).toEqual(rows);
  });

  test('may be none at all, or more than a statement could name one by one', async () => {
    expect(await there('int', [])).toEqual([]);
    const many = Array.from({ length: 70_000 }, (_, index) => index);
    expect(await there('int', many)).toEqual(many);
  });

  test('have undefined for null', async () => {
    expect(await there<unknown>('jsonb', [undefined])).toEqual([null]);
  });
});

test('names are written as PostgreSQL writes them', async () => {
  expect(['id', 'tenantId', 'someLongName'].map(snakeCase)).toEqual(['id', 'tenant_id', 'some_long_name']);
  expect(columnList(['tenantId', 'at']).compile(store.db.sql).sql).toBe('tenant_id, at');
});
