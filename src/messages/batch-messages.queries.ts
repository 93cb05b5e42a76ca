import { sql, type Kysely } from 'kysely';
import { conditionsOf, type MessageFilter } from './message.queries.js';
import { messageColumns, type MessageRow } from './message.row.js';

/** A page of each batch's messages, newest first; one row more than `limit` when there are more. */
export async function listMessagesOfBatches(
  db: Kysely<unknown>,
  tenantId: string,
  batchIds: readonly string[],
  filter: MessageFilter,
  { limit, after }: { limit: number; after: string | null },
): Promise<MessageRow[]> {
  const conditions = conditionsOf(tenantId, filter);
  if (after) conditions.push(sql`m.id < ${after}::uuid`);
  const { rows } = await sql<MessageRow>`
    select found.* from unnest(${batchIds}::uuid[]) as b(id) cross join lateral (
      select ${messageColumns} from messages m where m.batch_id = b.id and ${sql.join(conditions, sql` and `)}
      order by m.id desc limit ${limit + 1}) found order by found.id desc`.execute(db);
  return rows;
}

export async function countMessagesOfBatches(
  db: Kysely<unknown>,
  tenantId: string,
  batchIds: readonly string[],
  filter: MessageFilter,
): Promise<{ batchId: string; count: number }[]> {
  const { rows } = await sql<{ batchId: string; count: number }>`
    select m.batch_id as "batchId", count(*) as count from messages m
    where m.batch_id = any(${batchIds}::uuid[]) and ${sql.join(conditionsOf(tenantId, filter), sql` and `)}
    group by m.batch_id`.execute(db);
  return rows;
}
