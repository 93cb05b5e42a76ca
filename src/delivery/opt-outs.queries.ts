import { sql, type Transaction } from 'kysely';

/** Those of the messages that a report of an opt-out has failed before. */
export async function failedByOptOut(tx: Transaction<unknown>, messageIds: readonly string[]): Promise<Set<string>> {
  if (messageIds.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select distinct message_id as id from message_events
    where message_id = any(${messageIds}::uuid[]) and error_kind = 'OPTED_OUT' and applied`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}
