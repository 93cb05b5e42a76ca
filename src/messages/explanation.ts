import { allChecks } from '../consent/policy-gate.js';
import type { BatchRow } from './batch.row.js';
import type { MessageRow } from './message.row.js';
import type { EventRow } from './message-event.js';
import { whyNotRetryable } from './message-retry.js';
import type { MessageStatus } from './message-status.js';

export interface Explanation {
  summary: string;
  checks: { rule: string; passed: boolean; detail: string | null; at: Date }[];
  routing: { provider: string; channel: string; chosen: boolean; reason: string; at: Date }[];
  nextAction: string | null;
  nextActionAt: Date | null;
}

/** Why a message was or was not sent, by whom, and what happens next: read from its row and its events. */
export function explain(row: MessageRow, events: readonly EventRow[], batch: BatchRow | null = null): Explanation {
  const [nextAction, nextActionAt] = nextStep(row, batch);
  return {
    summary: SUMMARY[row.status](row, events),
    checks: events.flatMap(({ detail, at }) => (detail?.checks ? allChecks(detail.checks).map((check) => ({ ...check, at })) : [])),
    routing: events.flatMap(({ detail, at }) => (detail?.routing ?? []).map((step) => ({ ...step, at }))),
    nextAction,
    nextActionAt,
  };
}

/** When it is sent, or tried again; null unless it waits for a time, and not for a worker or a person. */
export function nextAttemptAt(row: MessageRow, now: Date): Date | null {
  const { status, dueAt, attempts: made } = row;
  if (status === 'SCHEDULED') return dueAt;
  return status === 'QUEUED' && !isHeldByBatch(row) && (made > 0 || dueAt > now) ? dueAt : null;
}

const why = ({ errorMessage, errorCode }: MessageRow): string => {
  const reason = errorMessage?.replace(/\.$/, '') ?? 'no reason was given';
  return errorCode ? `${reason} (${errorCode})` : reason;
};

const isHeldByBatch = ({ batchId, hintAt }: MessageRow): boolean => batchId !== null && hintAt === null;

const attempts = ({ attempts: made, maxAttempts }: MessageRow): string => `attempt ${made} of ${maxAttempts}`;

const SUMMARY: Record<MessageStatus, (row: MessageRow, events: readonly EventRow[]) => string> = {
  SCHEDULED: (row) => (row.errorMessage ? `Waits: ${why(row)}.` : 'Waits for its time.'),
  QUEUED: (row) => {
    if (isHeldByBatch(row)) return 'Held back: its batch is paused.';
    if (row.errorKind && row.attempts > 0) return `Waits to be tried again after ${attempts(row)} failed: ${why(row)}.`;
    if (row.errorKind) return `Waits for a provider: ${why(row)}.`;
    return row.errorMessage ? `Held back: ${why(row)}.` : 'Waits for a worker, or for its provider to take messages again.';
  },
  SENDING: (row) => `Is being handed to ${row.provider} (${attempts(row)}).`,
  UNCONFIRMED: (row) =>
    `${row.provider} was asked to send it and never answered; it is not sent again before the provider's own word decides.`,
  SENT: (row) => `${row.provider} has taken it; no delivery report has come yet.`,
  DELIVERED: (row) => `Delivered by ${row.provider}.`,
  READ: (row) => `Delivered by ${row.provider}, and read.`,
  FAILED: (row) => (row.fallbackId ? `Failed: ${why(row)}. Another channel took over.` : `Failed for good: ${why(row)}.`),
  CANCELLED: (row) => (row.firstAskedAt ? 'Withdrawn before it was tried again.' : 'Withdrawn before any provider had it.'),
  SUPPRESSED: (row) => (row.errorMessage ? `Held back: ${why(row)}.` : 'Held back: it may not be sent to this person.'),
  EXPIRED: (row, events) =>
    events.findLast(({ status, applied }) => applied && status === 'EXPIRED')?.previousStatus === 'UNCONFIRMED'
      ? `${row.provider} never answered, and the code is of no use by now.`
      : 'Its validity ended before it could be sent.',
};

function nextStep(row: MessageRow, batch: BatchRow | null): [string | null, Date | null] {
  switch (row.status) {
    case 'SCHEDULED':
      return ['It is queued.', row.dueAt];
    case 'QUEUED':
      if (isHeldByBatch(row)) return ['It is sent when its batch is resumed.', null];
      return [row.attempts > 0 ? 'It is tried again.' : 'A worker takes it.', row.dueAt];
    case 'SENDING':
      return ['Without an answer it becomes UNCONFIRMED.', row.leaseUntil];
    case 'UNCONFIRMED':
      return ['The provider is asked whether it has the message.', row.leaseUntil];
    case 'SENT':
      if (row.fallbackAt) return [`${row.fallbackChannels?.[0] ?? 'The next channel'} takes over unless it is delivered.`, row.fallbackAt];
      return row.leaseUntil ? ['The provider is asked for its status.', row.leaseUntil] : [null, null];
    case 'FAILED':
    case 'EXPIRED':
      return [whyNotRetryable(row, new Date(), batch) ? null : 'A person may retry it.', null];
    default:
      return [null, null];
  }
}
