import { sql, type Kysely } from 'kysely';
import { MONTHLY_TABLES } from './partitions.queries.js';

export interface StoredPart {
  table: string;
  part: string;
  /** As PostgreSQL has last counted them. */
  rows: number;
  /** With indexes, and what is kept apart for its length. */
  bytes: number;
}

/** What the tables that are cut by month take on disk, by month. */
export async function storedParts(db: Kysely<unknown>): Promise<StoredPart[]> {
  const { rows } = await sql<StoredPart>`
    select inhparent::regclass::text as table, inhrelid::regclass::text as part,
           greatest(reltuples, 0)::bigint as rows, pg_total_relation_size(inhrelid) as bytes
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = any(array[${sql.join(MONTHLY_TABLES.map((table) => sql`${table}::regclass`))}])
    order by 1, 2`.execute(db);
  return rows;
}
