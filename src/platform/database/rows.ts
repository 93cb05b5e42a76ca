import { sql, type RawBuilder } from 'kysely';

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Arrays of arrays and of JSON cannot pass through unnest: they travel as text and are cast on the other side. */
const travelsAsText = (type: string): boolean => type.endsWith('[]') || type === 'jsonb';

const encodeItem = (item: string | null): string => (item === null ? 'NULL' : `"${item.replace(/["\\]/g, '\\$&')}"`);

const encode = (type: string, value: unknown): unknown => {
  if (value === null || value === undefined) return null;
  if (type === 'jsonb') return JSON.stringify(value);
  if (type.endsWith('[]')) return `{${(value as (string | null)[]).map(encodeItem).join(',')}}`;
  return value;
};

/**
 * `(select … from unnest($1::uuid[], $2::text[], …)) as <alias>`: any number of rows as one parameter per column, so the
 * statement's text, and with it the plan, is the same for one row and for a thousand.
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
    const values = rows.map((row) => encode(type, row[name]));
    return sql`${values}::${sql.raw(travelsAsText(type) ? 'text' : type)}[]`;
  });
  const selected = names.map((name) => (travelsAsText(typeOf(name)) ? `u.${snakeCase(name)}::${typeOf(name)}` : `u.${snakeCase(name)}`));
  return sql`(select ${sql.raw(selected.join(', '))} from unnest(${sql.join(arrays)}) as u(${columnList(names)})) as ${sql.raw(alias)}`;
}

/** `tenant_id, due_at, …` */
export const columnList = (names: readonly string[]): RawBuilder<unknown> => sql.raw(names.map(snakeCase).join(', '));
