import { sql } from 'kysely';
import type { TestApp } from './test-app.js';

interface Column {
  table: string;
  column: string;
  type: string;
}

/** Contexts under which something is sealed besides a tenant's id. */
const CONTEXTS = ['simulator', 'twilio', 'keyring'];

/** Where any of the texts stands, in every column of every table that could hold one: "table.column: text". Sealed ones are opened. */
export async function placesOf(run: TestApp, texts: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const { table, column, type } of await columnsOf(run))
    for (const value of await valuesOf(run, { table, column, type }))
      for (const text of texts) if (value.includes(text)) found.add(`${table}.${column}: ${text}`);
  return [...found].toSorted();
}

async function columnsOf({ app }: TestApp): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select quote_ident(c.table_schema) || '.' || quote_ident(c.table_name) as table, c.column_name as column, c.data_type as type
    from information_schema.columns c join pg_class k on k.oid = to_regclass(quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))
    where c.table_schema not in ('pg_catalog', 'information_schema') and k.relkind in ('r', 'p') and not k.relispartition
      and c.data_type in ('bytea', 'text', 'character varying', 'json', 'jsonb', 'ARRAY')`.execute(app.core.db.sql);
  return rows;
}

async function valuesOf({ app }: TestApp, { table, column, type }: Column): Promise<string[]> {
  const { rows } = await sql<{ value: Buffer | string }>`
    select distinct ${sql.ref(column)}${sql.raw(type === 'bytea' ? '' : '::text')} as value from ${sql.table(table)}
    where ${sql.ref(column)} is not null`.execute(app.core.db.sql);
  if (type !== 'bytea') return rows.map(({ value }) => String(value));
  const { rows: tenants } = await sql<{ id: string }>`select id from tenants`.execute(app.core.db.sql);
  const contexts = [...tenants.map(({ id }) => id), ...CONTEXTS];
  return rows.map(({ value }) => opened(app.core.sealer, value as Buffer, contexts));
}

function opened(sealer: TestApp['app']['core']['sealer'], value: Buffer, contexts: readonly string[]): string {
  for (const context of contexts)
    try {
      // Some sealed texts are JSON themselves.
      return JSON.stringify(sealer.open(value, context)).replaceAll('\\"', '"');
    } catch {
      continue;
    }
  return value.toString('latin1');
}
