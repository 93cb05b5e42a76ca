import { readFileSync } from 'node:fs';
import type { Migration } from '@mikro-orm/migrations';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../src/platform/database/migrate.js';
import { MIGRATIONS } from '../../../src/platform/database/migrations/migrations.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

/**
 * The level of the schema whose program sends what is recorded in recorded-statements.txt. With a release take its own level,
 * and record anew: delete the file, and RECORD_STATEMENTS=test/platform/database/recorded-statements.txt npm test.
 */
const PREVIOUS = '0011-inbox';
const LEVEL = MIGRATIONS.findIndex(({ name }) => name === PREVIOUS) + 1;

const STATEMENTS = readFileSync(new URL('./recorded-statements.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

interface Level {
  database: TestDatabase;
  client: Client;
}

async function openLevel(list: typeof MIGRATIONS): Promise<Level> {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('drop schema public cascade; drop schema agenda cascade; create schema public');
  await migrate(database.url, { list });
  return { database, client };
}

let before: Level;
let now: Level;
beforeAll(async () => {
  before = await openLevel(MIGRATIONS.slice(0, LEVEL));
  now = await openLevel(MIGRATIONS);
});
afterAll(async () => {
  await Promise.all([before.client.end(), now.client.end()]);
  await Promise.all([before.database.drop(), now.database.drop()]);
});

const all = async <T>({ client }: Level, statement: string): Promise<T[]> => (await client.query(statement)).rows as T[];

/** What PostgreSQL makes of each statement: the types of its parameters and of its columns, or its error. */
async function understood({ client }: Level): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const [index, statement] of STATEMENTS.entries())
    await client.query(`prepare s${index} as ${statement}`).catch((error: Error) => (told[statement] = error.message));
  const { rows } = await client.query<{ name: string; takes: string; gives: string }>(
    'select name, parameter_types::text as takes, result_types::text as gives from pg_prepared_statements',
  );
  for (const { name, takes, gives } of rows) {
    const statement = STATEMENTS[Number(name.slice(1))] ?? '';
    told[statement] = /\.\*|(?:select|returning) \*/.test(statement) ? takes : `${takes} → ${gives}`;
  }
  return told;
}

test('what the release before sends to the database means the same on the schema of today', async () => {
  const meant = await understood(before);
  expect(Object.values(meant).filter((told) => !told.startsWith('{'))).toEqual([]);
  expect(await understood(now)).toEqual(meant);
});

describe('the schema of the release before', () => {
  const COLUMNS = `
    select table_name || '.' || column_name as name, table_name as table, data_type as type,
           is_nullable = 'NO' and column_default is null and is_generated = 'NEVER' and is_identity = 'NO' as required
    from information_schema.columns where table_schema in ('public', 'agenda') and table_name !~ '_\\d{4}_\\d\\d$' order by 1`;
  // Indexes that are unique are constraints, too.
  const CONSTRAINTS = `
    select conrelid::regclass::text as table, pg_get_constraintdef(oid) as rule from pg_constraint where contype <> 'n' and conparentid = 0
    union select indrelid::regclass::text, regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') from pg_index where indisunique
    order by 1, 2`;
  interface Column {
    name: string;
    table: string;
    type: string;
    required: boolean;
  }

  test('has kept its columns, and got none that it would have to fill', async () => {
    const [then, today] = [await all<Column>(before, COLUMNS), await all<Column>(now, COLUMNS)];
    const tables = new Set(then.map(({ table }) => table));
    const found = new Map(today.map((column) => [column.name, column]));
    expect(then.filter(({ name, type }) => found.get(name)?.type !== type)).toEqual([]);
    const optional = new Set(then.filter(({ required }) => !required).map(({ name }) => name));
    const known = new Set(then.map(({ name }) => name));
    expect(
      today.filter((column) => column.required && tables.has(column.table) && (optional.has(column.name) || !known.has(column.name))),
    ).toEqual([]);
  });

  test('has got no rule that its program does not know', async () => {
    const [then, today] = [await all<{ table: string }>(before, CONSTRAINTS), await all<{ table: string }>(now, CONSTRAINTS)];
    const tables = new Set((await all<Column>(before, COLUMNS)).map(({ table }) => table));
    const known = new Set(then.map((rule) => JSON.stringify(rule)));
    expect(today.filter((rule) => tables.has(rule.table) && !known.has(JSON.stringify(rule)))).toEqual([]);
  });
});

describe('migrations', () => {
  /** Before the first release nobody had a large table yet. */
  const UNRELEASED_THEN = new Set(MIGRATIONS.slice(0, 12).map(({ name }) => name));
  const LASTING = [
    /create (?:unique )?index (\w+) on (?:messages|message_events|webhook_journal)\b/i,
    /alter table (messages|message_events|webhook_journal)\b.*(?:set not null|type |add constraint|add (?:unique|primary key|check|foreign key))/is,
  ];
  const statementsOf = (Kind: (typeof MIGRATIONS)[number]['class']): string[] => {
    const migration: Migration = new Kind(undefined as never, undefined as never);
    void migration.up();
    return migration.getQueries().map(String);
  };

  test.each(MIGRATIONS.filter(({ name }) => !UNRELEASED_THEN.has(name)))(
    '$name locks no large table for long, or docs/operations.md tells what to do by hand before',
    ({ class: kind }) => {
      const manual = readFileSync('docs/operations.md', 'utf8');
      const lasting = statementsOf(kind).flatMap((statement) => LASTING.map((pattern) => pattern.exec(statement)?.[1]));
      expect(lasting.filter((name) => name !== undefined && !manual.includes(`\`${name}\``))).toEqual([]);
    },
  );

  test('that lock large tables are found: two of before the first release do', () => {
    const doing = MIGRATIONS.slice(2, 12).filter(({ class: kind }) =>
      LASTING.some((pattern) => statementsOf(kind).some((text) => pattern.test(text))),
    );
    expect(doing.map(({ name }) => name)).toEqual(expect.arrayContaining(['0007-narrow-status-index', '0012-privacy']));
  });
});
