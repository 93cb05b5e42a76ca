import { sql, type RawBuilder } from 'kysely';
import { toJsonb } from './jsonb.js';

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Arrays of arrays and of JSON cannot pass through unnest: they travel as text and are cast on the other side. */
const travelsAsText = (type: string): boolean => type.endsWith('[]') || type === 'jsonb';

/** PostgreSQL's number of the type. */
const BYTEA = 17;

const SPECIAL = /["\\]/g;

const quoted = (item: string): string => `"${item.replace(SPECIAL, '\\$&')}"`;

/** As an item of PostgreSQL's array literal. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `"${value.toISOString()}"`;
  throw new Error(`A ${typeof value} cannot be stored.`);
}

function literalOf(type: string, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (type === 'jsonb') return quoted(toJsonb(value));
  if (type.endsWith('[]')) return quoted(`{${(value as unknown[]).map(literal).join(',')}}`);
  return literal(value);
}

/** As a parameter of its own. */
function scalarOf(type: string, value: unknown): unknown {
  if (type === 'jsonb') return toJsonb(value);
  if (type.endsWith('[]')) return `{${(value as unknown[]).map(literal).join(',')}}`;
  return value instanceof Date ? value.toISOString() : value;
}

const alike = (a: unknown, b: unknown): boolean => a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());

/** As PostgreSQL's array literal, or in its binary form. */
const arrayOf = (type: string, values: readonly unknown[]): string | Buffer =>
  type === 'bytea' ? binaryArray(values as (Uint8Array | null)[]) : `{${values.map((value) => literalOf(type, value)).join(',')}}`;

/** Of bytes: as hexadecimal text they would be twice as many, and be read letter by letter on the other side. */
function binaryArray(values: readonly (Uint8Array | null)[]): Buffer {
  // One dimension; whether there are nulls; the type; how many there are; what the first is counted as.
  const head = [1, values.every(Boolean) ? 0 : 1, BYTEA, values.length, 1].map(int32);
  return Buffer.concat([...head, ...values.flatMap((value) => (value ? [int32(value.length), value] : int32(-1)))]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/**
 * `(select u.id, …, $3::text as status from unnest($1::uuid[], $2::text[], …) as u(id, …)) as <alias>`: any number of rows as
 * one parameter per column. Most columns of a group say the same in each row (a claim writes one status, one time, one
 * provider): those travel once. The driver would write the arrays as well, but several times slower, and these are most of
 * what a worker says to the database.
 * `columns` gives the SQL type of each property; properties become snake_case columns.
 */
export function rowsOf<T extends object>(
  columns: Readonly<Partial<Record<keyof T, string>>>,
  rows: readonly T[],
  alias: string,
): RawBuilder<unknown> {
  const arrays: RawBuilder<unknown>[] = [];
  const names: string[] = [];
  const selected = (Object.keys(columns) as (keyof T & string)[]).map((name, index) => {
    const type = columns[name] as string;
    const column = snakeCase(name);
    const first = rows[0]?.[name];
    // The first column stays an array, or nothing would say how many rows there are.
    if (index > 0 && rows.every((row) => alike(row[name], first))) return sql`${constant(type, first)} as ${sql.raw(column)}`;
    if (index > 0 && type === 'jsonb' && isAlikeWritten(rows, name)) return sql`${constant(type, first)} as ${sql.raw(column)}`;
    const values = rows.map((row) => row[name]);
    arrays.push(sql`${arrayOf(type, values)}::${sql.raw(travelsAsText(type) ? 'text' : type)}[]`);
    names.push(name);
    return sql.raw(travelsAsText(type) ? `u.${column}::${type}` : `u.${column}`);
  });
  return sql`(select ${sql.join(selected)} from unnest(${sql.join(arrays)}) as u(${columnList(names)})) as ${sql.raw(alias)}`;
}

/** Whether all rows have the same JSON. Most that differ do so in the second row. */
function isAlikeWritten<T extends object>(rows: readonly T[], name: keyof T): boolean {
  const first = JSON.stringify(rows[0]?.[name]);
  return rows.every((row) => JSON.stringify(row[name]) === first);
}

const constant = (type: string, value: unknown): RawBuilder<unknown> =>
  value === null || value === undefined ? sql.raw(`null::${type}`) : sql`${scalarOf(type, value)}::${sql.raw(type)}`;

/** `any(<these>)`. The driver would write the array as well, with two searches in each id. */
export const uuids = (ids: readonly string[]): RawBuilder<unknown> => sql`${`{${ids.join(',')}}`}::uuid[]`;

/** `tenant_id, due_at, …` */
export const columnList = (names: readonly string[]): RawBuilder<unknown> => sql.raw(names.map(snakeCase).join(', '));
