import { sql, type RawBuilder } from 'kysely';

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Arrays of arrays and of JSON cannot pass through unnest: they travel as text and are cast on the other side. */
const travelsAsText = (type: string): boolean => type.endsWith('[]') || type === 'jsonb';

const SPECIAL = /["\\]/g;

const quoted = (item: string): string => `"${item.replace(SPECIAL, '\\$&')}"`;

/** As an item of PostgreSQL's array literal. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `"${value.toISOString()}"`;
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}"`;
  throw new Error(`A ${typeof value} cannot be stored.`);
}

function literalOf(type: string, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (type === 'jsonb') return quoted(JSON.stringify(value));
  if (type.endsWith('[]')) return quoted(`{${(value as unknown[]).map(literal).join(',')}}`);
  return literal(value);
}

/**
 * `(select … from unnest($1::uuid[], $2::text[], …)) as <alias>`: any number of rows as one parameter per column, so the
 * statement's text, and with it the plan, is the same for one row and for a thousand. The driver would write the arrays as
 * well, but several times slower, and these are most of what a worker says to the database.
 * `columns` gives the SQL type of each property; properties become snake_case columns.
 */
export function rowsOf<T extends object>(
  columns: Readonly<Partial<Record<keyof T, string>>>,
  rows: readonly T[],
  alias: string,
): RawBuilder<unknown> {
  const names = Object.keys(columns) as (keyof T & string)[];
  const typeOf = (name: keyof T & string): string => columns[name] as string;
  const arrays = names.map((name) => {
    const type = typeOf(name);
    const values = `{${rows.map((row) => literalOf(type, row[name])).join(',')}}`;
    return sql`${values}::${sql.raw(travelsAsText(type) ? 'text' : type)}[]`;
  });
  const selected = names.map((name) => (travelsAsText(typeOf(name)) ? `u.${snakeCase(name)}::${typeOf(name)}` : `u.${snakeCase(name)}`));
  return sql`(select ${sql.raw(selected.join(', '))} from unnest(${sql.join(arrays)}) as u(${columnList(names)})) as ${sql.raw(alias)}`;
}

/** `tenant_id, due_at, …` */
export const columnList = (names: readonly string[]): RawBuilder<unknown> => sql.raw(names.map(snakeCase).join(', '));
