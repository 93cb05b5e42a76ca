import { sql, type Transaction } from 'kysely';
import type { BatchStatus } from '../messages/batch.row.js';
import { messageColumns, type MessageRow } from '../messages/message.row.js';

/** With what the gate needs to know of the tenant, as committed at this moment and not as some cache remembers. */
export interface DueRow extends MessageRow {
  tenantEnabled: boolean;
  tenantCountries: string[] | null;
}

/** Locks those of the ids that are due; rows that another worker holds are left to it. */
export async function lockDue(tx: Transaction<unknown>, ids: readonly string[], now: Date): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    select ${messageColumns}, t.messaging_enabled as "tenantEnabled", t.allowed_countries as "tenantCountries"
    from messages m
    join tenants t on t.id = m.tenant_id
    where m.id = any(${ids}::uuid[]) and m.status = 'QUEUED' and m.due_at <= ${now}
    order by m.id
    for update of m skip locked`.execute(tx);
  return rows;
}

/**
 * The statuses of batches, held until the transaction ends: a pause waits for claims under way, so that none follows it.
 * Held by a lock beside the row: shared locks of the row itself would let a busy batch's pause wait for ever, and an
 * upload, which counts in the row, would stop the claims.
 */
export async function holdBatches(tx: Transaction<unknown>, ids: readonly string[]): Promise<Map<string, BatchStatus>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; status: BatchStatus }>`
    select id, claimable_batch(id) as status from unnest(${ids.toSorted()}::uuid[]) as b (id)`.execute(tx);
  return new Map(rows.map(({ id, status }) => [id, status]));
}
