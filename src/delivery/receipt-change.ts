import type { Change, EventNote } from '../messages/message-changes.js';
import type { EventSource } from '../messages/message-event.js';
import { maskAddressesIn } from '../platform/masking.js';
import { withEarlier } from '../messages/message-cost.js';
import { movesForward } from '../messages/message-status.js';
import type { MessageRow } from '../messages/message.row.js';
import { NO_ERROR, afterFailure, failed, isWorthAnother, mayTryAgain, requeued, sentAt, waitMs, type OutcomeSettings } from './outcome.js';
import { ProviderError, type Receipt } from './provider.js';

/** A provider's report about a message whose row is locked. */
export interface Report {
  receipt: Receipt;
  provider: string;
  source: EventSource;
  at: Date;
}

const WORDS_ERASED = 'The words of the provider have been erased.';

/**
 * Reports repeat, come out of order and overtake our own bookkeeping, so only what stands higher than what is known is
 * applied. A good report wins over a failure, whichever attempt it belongs to: the person has the message.
 */
export function receiptChange(row: MessageRow, report: Report, settings: OutcomeSettings): Change {
  const { receipt, provider, source, at } = report;
  const error = receipt.error && {
    ...receipt.error,
    retryable: isWorthAnother(row, receipt.error.retryable),
    // The erasure has passed: nothing would remove these words again.
    message: row.sealed === null ? WORDS_ERASED : maskAddressesIn(receipt.error.message),
  };
  const note: EventNote = { source, at, attempt: row.attempts, provider, error, detail: { reported: receipt.providerStatus } };
  // The price often comes behind the failure. Once the next call is claimed, its worker takes the row for as it was left.
  if (isOfFailedCall(row, receipt)) return { row, set: costFrom(row, receipt), note };
  if (isOfEarlierCall(row, receipt)) return { row, set: {}, note };
  const known = knownFrom(row, report);
  const { status } = receipt;
  if (status === null) return { row, set: known, note };
  if (status === 'FAILED') return failedChange(row, known, note, settings);
  if (!movesForward(row.status, status)) return { row, set: withTimes(row, status, at, known), note };
  const base =
    status === 'SENT' ? sentAt(row, at) : { status, leaseUntil: null, hintAt: null, fallbackAt: null, ...NO_ERROR, failedAt: null };
  return { row, set: withTimes(row, status, at, { ...known, ...base }), note };
}

/** What a report tells besides the status. */
function knownFrom(row: MessageRow, { provider, receipt }: Report): Partial<MessageRow> {
  const { attempt, providerMessageId, segments, status } = receipt;
  const known = costFrom(row, receipt);
  // Where the later call has brought it as far already, the message stays that one's, with its figures.
  const overtakes = attempt !== null && attempt < row.claims && status !== null && movesForward(row.status, status);
  if (providerMessageId && (!row.providerMessageId || overtakes)) Object.assign(known, { provider, providerMessageId });
  if (row.channel === 'SMS' && segments !== null && segments > 0 && segments !== row.segments) known.segments = segments;
  return known;
}

/** Each call counts once, however often and late its cost is told. */
function costFrom(row: MessageRow, { attempt, providerMessageId, cost }: Receipt): Partial<MessageRow> {
  if (!cost || (providerMessageId && row.earlierCharges?.some((charge) => charge.providerMessageId === providerMessageId))) return {};
  if (attempt !== null && attempt < row.claims && providerMessageId !== row.providerMessageId)
    return providerMessageId ? withEarlier(row, { providerMessageId, ...cost }) : {};
  return row.costAmount === null ? { costAmount: cost.amount, costCurrency: cost.currency } : {};
}

/** A SENT that comes after DELIVERED changes no status, but tells nothing false about when. */
function withTimes(row: MessageRow, status: 'SENT' | 'DELIVERED' | 'READ', at: Date, set: Partial<MessageRow>): Partial<MessageRow> {
  const times: Partial<MessageRow> = {};
  if (row.sentAt === null) times.sentAt = at;
  if (status !== 'SENT' && row.deliveredAt === null) times.deliveredAt = at;
  if (status === 'READ' && row.readAt === null) times.readAt = at;
  return { ...set, ...times };
}

/** A failure or a mere "sent" of a call that was given up says nothing about the one that will follow it. */
function isOfFailedCall(row: MessageRow, { providerMessageId, status }: Receipt): boolean {
  if (status === 'DELIVERED' || status === 'READ') return false;
  const waits = row.status === 'QUEUED' || row.status === 'SCHEDULED';
  return waits && row.providerMessageId !== null && row.providerMessageId === providerMessageId;
}

/** Nor about the one that has followed it. */
const isOfEarlierCall = (row: MessageRow, { attempt, status }: Receipt): boolean =>
  status !== 'DELIVERED' && status !== 'READ' && attempt !== null && attempt < row.claims;

function failedChange(row: MessageRow, known: Partial<MessageRow>, note: EventNote, settings: OutcomeSettings): Change {
  const error = note.error ?? {
    kind: 'UNKNOWN' as const,
    retryable: false,
    code: null,
    message: 'The provider reported a failure without a reason.',
  };
  const asked = row.status === 'SENDING' || row.status === 'UNCONFIRMED' || row.status === 'SENT';
  if (!asked) return { row, set: known, note };
  const next = afterFailure(row, error, note.at);
  if (error.retryable && mayTryAgain(next)) {
    // Whatever kind it is: a rate limit that is reported afterwards is no short pause.
    const cause = new ProviderError(error.message, 'PROVIDER_UNAVAILABLE', { answered: true, retryable: true, code: error.code });
    const change = requeued(next, row, waitMs(row, next, cause, settings), note);
    return { ...change, set: { ...known, ...change.set } };
  }
  const change = failed(row, error, note);
  return { ...change, set: { ...known, ...change.set } };
}
