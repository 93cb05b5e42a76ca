import type { Change } from './message-changes.js';
import type { Actor } from './message-event.js';
import { HINT_GRACE_MS } from './message-factory.js';
import type { MessageRow } from './message.row.js';

/** Null for the clock, which does not know who it was: the audit log does. */
export const cancelledBy =
  (actor: Actor | null) =>
  (row: MessageRow, at: Date): Change => ({
    row,
    set: { status: 'CANCELLED', hintAt: null },
    note: { source: 'API', actor, at, detail: { note: 'the batch was cancelled' } },
  });

export const resumed = (row: MessageRow, now: Date): Change => ({
  row,
  set: { hintAt: new Date(now.getTime() + HINT_GRACE_MS) },
  note: null,
});
