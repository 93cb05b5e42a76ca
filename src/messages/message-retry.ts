import type { Change } from './message-changes.js';
import type { Actor } from './message-event.js';
import type { MessageRow } from './message.row.js';
import { RETRYABLE } from './message-status.js';

/** The queue is told at once; where that is lost, the sweep tells it again after this. */
const HINT_GRACE_MS = 5_000;

/** Null where the message may be sent again. */
export function whyNotRetryable(row: MessageRow, now: Date): string | null {
  if (!RETRYABLE.includes(row.status)) return `The message is ${row.status}; only FAILED and EXPIRED ones can be retried.`;
  // A message that another one stands in for must not go out beside it.
  if (row.fallbackId) return 'Another message stands in for this one.';
  if (!row.sealed) return 'Its content has been erased.';
  return row.expiresAt && row.expiresAt <= now ? 'Its validity (expiresAt) is over.' : null;
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
    errorKind: null,
    errorCode: null,
    errorMessage: null,
    errorRetryable: null,
  },
  note: { source: 'API', at: now, actor },
});
