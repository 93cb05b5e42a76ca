import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { SealedColumn } from './sealed-columns.js';

export interface SealedValue {
  /** As text, in the order of the column's key. */
  key: string[];
  sealed: Buffer;
  context: string;
}

const names = ({ key }: SealedColumn): RawBuilder<unknown> => sql.raw(key.map(({ name }) => `t.${name}`).join(', '));

/** Where the key's id stands in a sealed value, from 1. */
const keyId = ({ column }: SealedColumn): RawBuilder<unknown> => sql`substring(t.${sql.ref(column)} from 2 for 4)`;

const keyText = ({ key }: SealedColumn): RawBuilder<unknown> => sql.raw(`array[${key.map(({ name }) => `t.${name}::text`).join(', ')}]`);

const later = (of: SealedColumn, after: readonly string[] | null): RawBuilder<unknown> => {
  const values = after?.map((value, n) => sql`${value}::${sql.raw(of.key[n]?.type ?? 'text')}`);
  return values ? sql`and (${names(of)}) > (${sql.join(values)})` : sql``;
};

/** The next values, whatever they are under: a statement never looks at more, however few of them are older. */
export async function nextValues(
  tx: Transaction<unknown>,
  of: SealedColumn,
  newest: Buffer,
  after: readonly string[] | null,
  limit: number,
): Promise<{ key: string[]; isOlder: boolean }[]> {
  const { rows } = await sql<{ key: string[]; isOlder: boolean }>`
    select ${keyText(of)} as key, ${keyId(of)} <> ${newest} as "isOlder" from ${sql.table(of.table)} t
    where t.${sql.ref(of.column)} is not null ${later(of, after)} order by ${names(of)} limit ${limit}`.execute(tx);
  return rows;
}

/** Those of the rows that are under another key still, locked; those that somebody works on are left for the next round. */
export async function lockOlder(
  tx: Transaction<unknown>,
  of: SealedColumn,
  newest: Buffer,
  keys: readonly string[][],
): Promise<SealedValue[]> {
  if (keys.length === 0) return [];
  const parts = of.key.map(({ type }, n) => sql`${keys.map((key) => key[n])}::${sql.raw(type)}[]`);
  const { rows } = await sql<SealedValue>`
    select ${keyText(of)} as key, t.${sql.ref(of.column)} as sealed, ${sql.raw(of.context)} as context
    from ${sql.table(of.table)} t
    where (${names(of)}) in (select * from unnest(${sql.join(parts)})) and t.${sql.raw(of.key[0]?.name ?? '')} = any(${parts[0]})
      and t.${sql.ref(of.column)} is not null and ${keyId(of)} <> ${newest}
    order by ${names(of)} for update of t skip locked`.execute(tx);
  return rows;
}

/** The rows are locked. */
export async function replaceSealed(
  tx: Transaction<unknown>,
  of: SealedColumn,
  rows: readonly Pick<SealedValue, 'key' | 'sealed'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const keys = of.key.map(({ type }, n) => sql`${rows.map(({ key }) => key[n])}::${sql.raw(type)}[]`);
  const matches = of.key.map(({ name }) => sql.raw(`t.${name} = c.${name}`));
  await sql`
    update ${sql.table(of.table)} t set ${sql.ref(of.column)} = c.sealed
    from unnest(${sql.join(keys)}, ${rows.map(({ sealed }) => sealed)}::bytea[]) as c (${sql.raw(of.key.map(({ name }) => name).join(', '))}, sealed)
    where ${sql.join(matches, sql` and `)} and ${sql.raw(`t.${of.key[0]?.name ?? ''}`)} = any(${keys[0]})`.execute(tx);
}

/** Of the next values: how many are under which key, and where they end. */
export async function countByKey(
  db: Kysely<unknown>,
  of: SealedColumn,
  after: readonly string[] | null,
  limit: number,
): Promise<{ keyId: string; count: number; place: number; last: string[] }[]> {
  const { rows } = await sql<{ keyId: string; count: number; place: number; last: string[] }>`
    with page as materialized (
      select ${keyText(of)} as key, row_number() over (order by ${names(of)}) as place, ${keyId(of)} as key_id
      from ${sql.table(of.table)} t where t.${sql.ref(of.column)} is not null ${later(of, after)} order by ${names(of)} limit ${limit})
    select encode(key_id, 'hex') as "keyId", count(*) as count, max(place) as place, (array_agg(key order by place desc))[1] as last
    from page group by 1 order by 1`.execute(db);
  return rows;
}
