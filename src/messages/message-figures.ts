import { bucketOf } from '../platform/log-histogram.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { MESSAGE_STATUSES, NOT_TAKEN, type MessageStatus } from './message-status.js';
import type { MessageRow } from './message.row.js';
import { microsOf } from './money.js';

/** The service's objective: delivered so soon after being due. */
const OBJECTIVE_MS = 30_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Messages of one kind and one minute: their figures add up. */
export interface FigureKey {
  tenantId: string;
  /** The minute of createdAt. */
  at: Date;
  channel: Channel;
  category: MessageCategory;
  provider: string | null;
  /** Of the cost; null where nothing was charged. */
  currency: string | null;
  templateCode: string | null;
  batchId: string | null;
}

/** One for each status, and what is counted beside it. Columns of the database: another status needs another column. */
export const COUNTS = [...MESSAGE_STATUSES.map(countName), 'segments', 'onTime', 'retriedDelivered', 'retriedFailed'] as const;
export type Count = (typeof COUNTS)[number];

export function countName(status: MessageStatus): Lowercase<MessageStatus> {
  return status.toLowerCase() as Lowercase<MessageStatus>;
}

/** What is too scattered for columns: each is counted under `<kind>:<what>`. */
export const Detail = {
  /** `error:<kind>:<provider's code, or nothing>`, of FAILED ones. */
  error: 'error',
  /** `sent:<hour since 1970>`: SENT then, and no receipt so far. */
  sent: 'sent',
  /** `delivery:<bucket>`: milliseconds from due to delivered, as bucketOf has it. */
  delivery: 'delivery',
  /** `queue:<bucket>`: milliseconds from due to the first claim for a provider. */
  queue: 'queue',
  /** `provider:<bucket>`: milliseconds of the provider's last answer. */
  provider: 'provider',
  /** `expected:<currency>`: millionths by the price list, of what a provider has taken and told no price of. */
  expected: 'expected',
} as const;
export type Detail = (typeof Detail)[keyof typeof Detail];

/** All that the figures follow from. */
export const FIGURED = [
  ...(['tenantId', 'createdAt', 'channel', 'category', 'provider', 'costAmount', 'costCurrency', 'templateCode', 'batchId'] as const),
  ...(['status', 'segments', 'scheduledFor', 'deliveredAt', 'attempts', 'retriedAt', 'firstAskedAt', 'providerMs', 'sentAt'] as const),
  ...(['errorKind', 'errorCode', 'estimateAmount', 'estimateCurrency', 'earlierCharges'] as const),
] as const satisfies readonly (keyof MessageRow)[];
export type FiguredRow = Pick<MessageRow, (typeof FIGURED)[number]>;

/** Takes the figures of a message. Not an object that holds them: a few thousand are taken each second. */
export interface FigureSink {
  count(name: Count, value: number): void;
  detail(kind: Detail, what: number | string): void;
  cost(micros: bigint): void;
  expected(currency: string, micros: bigint): void;
}

/** Milliseconds since 1970. */
export const minuteOf = ({ createdAt }: FiguredRow): number => Math.floor(createdAt.getTime() / MINUTE_MS) * MINUTE_MS;

export const currencyOf = ({ costAmount, costCurrency }: FiguredRow): string | null => (costAmount === null ? null : costCurrency);

/** What a message adds to the statistics in its present state: it follows from its row and from nothing else. */
export function figuresOf(row: FiguredRow, sink: FigureSink): void {
  sink.count(countName(row.status), 1);
  if (row.segments) sink.count('segments', row.segments);
  if (row.costAmount !== null && row.costCurrency !== null) sink.cost(microsOf(row.costAmount));
  else if (row.estimateAmount !== null && row.estimateCurrency !== null && isTaken(row))
    sink.expected(row.estimateCurrency, microsOf(row.estimateAmount));
  if (row.firstAskedAt) sink.detail('queue', bucketOf(sinceDue(row, row.firstAskedAt)));
  if (row.providerMs !== null) sink.detail('provider', bucketOf(row.providerMs));
  endFigures(row, row.attempts > 1 || row.retriedAt !== null, sink);
}

/** Also of what was not delivered: providers charge for most of that. */
const isTaken = ({ status, sentAt }: FiguredRow): boolean => sentAt !== null && !NOT_TAKEN.includes(status);

function endFigures(row: FiguredRow, retried: boolean, sink: FigureSink): void {
  switch (row.status) {
    case 'SENT':
      if (row.sentAt) sink.detail('sent', Math.floor(row.sentAt.getTime() / HOUR_MS));
      return;
    case 'DELIVERED':
    case 'READ':
      if (row.deliveredAt) deliveryFigures(sinceDue(row, row.deliveredAt), sink);
      if (retried) sink.count('retriedDelivered', 1);
      return;
    case 'FAILED':
      sink.detail('error', `${row.errorKind ?? 'UNKNOWN'}:${row.errorCode ?? ''}`);
      if (retried) sink.count('retriedFailed', 1);
      return;
    default:
  }
}

function deliveryFigures(ms: number, sink: FigureSink): void {
  sink.detail('delivery', bucketOf(ms));
  if (ms <= OBJECTIVE_MS) sink.count('onTime', 1);
}

/** What was accepted after its time is not late for that. */
const sinceDue = ({ scheduledFor, createdAt }: FiguredRow, at: Date): number =>
  at.getTime() - Math.max(scheduledFor?.getTime() ?? 0, createdAt.getTime());
