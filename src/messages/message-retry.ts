import type { Transaction } from 'kysely';
import { lockBatches, reopenBatches, type LockedBatch } from './batch.queries.js';
import type { Change } from './message-changes.js';
import type { Actor } from './message-event.js';
import type { MessageRow } from './message.row.js';
import { RETRYABLE } from './message-status.js';

/** The queue is told at once; where that is lost, the sweep tells it again after this. */
const HINT_GRACE_MS = 5_000;

/** Null where the message may be sent again. `batch`: the one that it was accepted with. */
export function whyNotRetryable(row: MessageRow, now: Date, batch: Pick<LockedBatch, 'name' | 'status'> | null): string | null {
  if (!RETRYABLE.includes(row.status)) return `The message is ${row.status}; only FAILED and EXPIRED ones can be retried.`;
  // A message that another one stands in for must not go out beside it.
  if (row.fallbackId) return 'Another message stands in for this one.';
  if (!row.sealed) return 'Its content has been erased.';
  if (row.expiresAt && row.expiresAt <= now) return 'Its validity (expiresAt) is over.';
  return batch?.status === 'CANCELLED' ? `Its batch "${batch.name}" was cancelled.` : null;
}

/** What becomes of each of these, whose rows are locked: its change, or why it has none. Batches that were over run again. */
export async function retries(
  tx: Transaction<unknown>,
  rows: readonly MessageRow[],
  now: Date,
  actor: Actor,
): Promise<(Change | string)[]> {
  const dead = rows.filter((row) => whyNotRetryable(row, now, null) === null);
  const found = await lockBatches(tx, [...new Set(dead.flatMap(({ batchId }) => batchId ?? []))]);
  const batches = new Map(found.map((batch) => [batch.id, batch]));
  await reopenBatches(
    tx,
    found.flatMap(({ id, status }) => (status === 'COMPLETED' ? [id] : [])),
  );
  return rows.map((row) => whyNotRetryable(row, now, batches.get(row.batchId ?? '') ?? null) ?? retryOf(row, now, actor));
}

/** Back into the queue, with a full set of attempts, as if it had never been tried. */
export const retryOf = (row: MessageRow, now: Date, actor: Actor): Change => ({
  row,
  set: {
    status: 'QUEUED',
    dueAt: now,
    queuedAt: now,
    hintAt: new Date(now.getTime() + HINT_GRACE_MS),
    attempts: 0,
    retriedAt: now,
    sentAt: null,
    failedAt: null,
    fallbackAt: null,
    errorKind: null,
    errorCode: null,
    errorMessage: null,
    errorRetryable: null,
  },
  note: { source: 'API', at: now, actor },
});
