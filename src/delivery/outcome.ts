import type { Change, EventNote } from '../messages/message-changes.js';
import type { DeliveryError } from '../messages/delivery-error.js';
import type { MessageRow } from '../messages/message.row.js';
import { maskAddressesIn } from '../platform/masking.js';
import { movesForward } from '../messages/message-status.js';
import type { Accepted, ProviderError, Retry } from './provider.js';
import { retryDelayMs, type RetrySettings } from './retry-policy.js';

/** What became of one claimed message. `claims` is the fence under which it was claimed, `claimed` the row as it was left then. */
export type Outcome = { messageId: string; claims: number; claimed?: MessageRow; provider: string; at: Date } & (
  | { kind: 'accepted'; accepted: Accepted; tookMs: number }
  | { kind: 'failed'; error: ProviderError; tookMs: number }
  /** The provider was not asked: the process is stopping, or the lease came too near. `before`: as the claim found it. */
  | { kind: 'returned'; before: LastAsked }
);

/** Who was asked for the message last, and when. */
export type LastAsked = Pick<MessageRow, 'provider' | 'askedAt' | 'firstAskedAt'>;

export interface OutcomeSettings extends RetrySettings {
  unconfirmedGraceMs: number;
  /** Whether another provider could take the message at once; the row's error is that of the attempt before. */
  hasAlternative(row: MessageRow): boolean;
  random(): number;
}

const POLL_AFTER_MS = 5 * 60_000;
const FAILOVER_MS = 500;
/** A rate limit takes no attempt from a message, but not for ever. */
const RATE_LIMITED_FOR_MS = 24 * 3600 * 1000;
const NEVER_SENT: DeliveryError = {
  kind: 'TIMEOUT',
  retryable: true,
  code: null,
  message: 'The worker did not come to send this message.',
};

export const NO_ERROR = { errorKind: null, errorCode: null, errorMessage: null, errorRetryable: null } as const;

/** `row` is the locked row as it is now, which receipts may have moved since the claim. */
export function outcomeChange(row: MessageRow, outcome: Outcome, settings: OutcomeSettings): Change {
  const note: EventNote = { source: 'WORKER', at: outcome.at, attempt: row.attempts, provider: outcome.provider };
  if (outcome.claims !== row.claims) {
    const { kind, provider } = outcome;
    const otherRecord = kind === 'accepted' && { otherRecord: { provider, providerMessageId: outcome.accepted.providerMessageId } };
    return { row, set: {}, note: { ...note, detail: { note: `answer to an earlier claim: ${kind}`, ...otherRecord } } };
  }
  if (outcome.kind === 'accepted') return acceptedChange(row, outcome, note);
  // A receipt was faster than the answer: the provider has it, whatever our call ended with.
  if (row.status !== 'SENDING' && row.status !== 'UNCONFIRMED') return { row, set: {}, note: null };
  if (outcome.kind === 'returned') return returnedChange(row, outcome.before, note);
  const change = failedChange(row, outcome.error, note, settings);
  return outcome.error.options.answered ? { ...change, set: { ...change.set, providerMs: outcome.tookMs } } : change;
}

function returnedChange(row: MessageRow, { provider, askedAt, firstAskedAt }: LastAsked, note: EventNote): Change {
  const next = { ...row, attempts: row.attempts - 1 };
  const change = row.fallbackId ? failed(row, NEVER_SENT, note) : requeued(next, row, 0, note);
  // Nobody was asked, and it may never be. The row's error is that of the provider before, which the next try avoids.
  return { ...change, set: { ...change.set, provider, askedAt, firstAskedAt } };
}

function acceptedChange(row: MessageRow, { accepted, tookMs, provider }: Extract<Outcome, { kind: 'accepted' }>, note: EventNote): Change {
  const set: Partial<MessageRow> = {
    providerMs: tookMs,
    providerMessageId: accepted.providerMessageId,
    segments: (row.channel === 'SMS' && accepted.segments) || row.segments,
    costAmount: accepted.cost?.amount ?? row.costAmount,
    costCurrency: accepted.cost?.currency ?? row.costCurrency,
  };
  // A report of an earlier call has put its own there.
  if (row.provider !== provider) set.provider = provider;
  // Its failure has been reported already, and it waits for its next try. What waits for another reason was taken after all.
  const isKnown = row.providerMessageId === null || row.providerMessageId === accepted.providerMessageId;
  const hasFailed = row.status === 'QUEUED' && row.providerMessageId === accepted.providerMessageId;
  if (hasFailed || !movesForward(row.status, 'SENT')) return { row, set, note: isKnown ? null : note };
  return { row, set: { ...set, ...sentAt(row, note.at) }, note };
}

/** The provider has it: from our own call's answer, a receipt or a look-up. */
export const sentAt = (row: MessageRow, at: Date): Partial<MessageRow> => ({
  ...NO_ERROR,
  status: 'SENT',
  sentAt: row.sentAt ?? at,
  leaseUntil: new Date(at.getTime() + POLL_AFTER_MS),
  hintAt: null,
  fallbackAt: fallbackTime(row, at),
});

const fallbackTime = ({ fallbackAt, fallbackAfterSeconds, fallbackChannels, fallbackId }: MessageRow, at: Date): Date | null =>
  fallbackAt ??
  (fallbackAfterSeconds !== null && fallbackChannels?.length && !fallbackId ? new Date(at.getTime() + fallbackAfterSeconds * 1000) : null);

function failedChange(row: MessageRow, error: ProviderError, note: EventNote, settings: OutcomeSettings): Change {
  const failure = {
    kind: error.kind,
    retryable: isWorthAnother(row, error.options.retryable),
    code: error.options.code ?? null,
    message: maskAddressesIn(error.message),
  };
  const withError = { ...note, error: failure };
  if (!error.options.answered) return unconfirmed(row, failure, settings.unconfirmedGraceMs, withError);
  const next = afterFailure(row, failure, note.at);
  if (!failure.retryable || !mayTryAgain(next)) return failed(row, failure, withError);
  const elsewhere = error.kind === 'PROVIDER_UNAVAILABLE' && settings.hasAlternative(row);
  const delay = elsewhere ? FAILOVER_MS : waitMs(row, next, error, settings);
  return requeued(next, row, delay, withError);
}

/** With the error of a call that failed for certain, and without the attempt that a rate limit does not take. */
export function afterFailure(row: MessageRow, failure: DeliveryError, at: Date): MessageRow {
  // Not from the queueing alone: a paused batch, a budget or an outage may have kept it here for days before anybody was asked.
  const since = Math.max((row.queuedAt ?? row.createdAt).getTime(), row.firstAskedAt?.getTime() ?? 0);
  const isFree = failure.kind === 'RATE_LIMITED' && at.getTime() - since < RATE_LIMITED_FOR_MS;
  return { ...row, ...errorColumns(failure), attempts: isFree ? row.attempts - 1 : row.attempts };
}

/** `next` is the row as its failure leaves it. By the claims where that took no attempt: the wait would never grow. */
export function waitMs(row: MessageRow, next: MessageRow, error: ProviderError, settings: OutcomeSettings): number {
  const calls = next.attempts < row.attempts ? row.claims : row.attempts;
  return retryDelayMs(error, calls, row.category, settings, settings.random());
}

/** By its attempts: the number that rides along to the provider counts claims. */
export const isWorthAnother = ({ attempts }: MessageRow, retry: Retry): boolean => (retry === 'once' ? attempts === 1 : retry);

/** A message that another one stands in for must not go out beside it. */
export const mayTryAgain = ({ attempts, maxAttempts, fallbackId }: MessageRow): boolean => attempts < maxAttempts && fallbackId === null;

/** Back into the queue, to be tried after `delayMs`. */
export function requeued(next: MessageRow, row: MessageRow, delayMs: number, note: EventNote): Change {
  const dueAt = new Date(note.at.getTime() + delayMs);
  const set: Partial<MessageRow> = {
    status: 'QUEUED',
    attempts: next.attempts,
    dueAt,
    hintAt: dueAt,
    leaseUntil: null,
    fallbackAt: null,
    errorKind: next.errorKind,
    errorCode: next.errorCode,
    errorMessage: next.errorMessage,
    errorRetryable: next.errorRetryable,
  };
  // A failure that took no attempt: nothing else would tell the statistics that it is tried again.
  if (note.error && next.attempts < row.attempts) set.retriedAt = note.at;
  return { row, set, note };
}

/** Never sent again blindly: a receipt or a look-up decides. */
export const unconfirmed = (row: MessageRow, error: DeliveryError, graceMs: number, note: EventNote): Change => ({
  row,
  set: {
    status: 'UNCONFIRMED',
    ...errorColumns(error),
    leaseUntil: new Date(note.at.getTime() + graceMs),
    hintAt: null,
    fallbackAt: fallbackTime(row, note.at),
  },
  note,
});

/** A dead letter, unless another channel takes over: see fallback.ts. */
export const failed = (row: MessageRow, error: DeliveryError, note: EventNote): Change => ({
  row,
  set: { status: 'FAILED', ...errorColumns(error), failedAt: note.at, leaseUntil: null, hintAt: null },
  note: { ...note, error },
});

const errorColumns = ({ kind, code, message, retryable }: DeliveryError): Partial<MessageRow> => ({
  errorKind: kind,
  errorCode: code,
  errorMessage: message,
  errorRetryable: retryable,
});
