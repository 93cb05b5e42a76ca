import { sql, type Transaction } from 'kysely';

/** Those of the messages of which an opt-out was reported before this transaction, whether or not that moved them. */
export async function reportedBefore(tx: Transaction<unknown>, messageIds: readonly string[]): Promise<Set<string>> {
  if (messageIds.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select distinct message_id as id from message_events
    where message_id = any(${messageIds}::uuid[]) and error_kind = 'OPTED_OUT' and xid <> pg_current_xact_id()`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}
