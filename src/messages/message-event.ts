import { sql, type RawBuilder } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import type { PolicyCheck } from '../consent/policy-gate.js';
import { snakeCase } from '../platform/database/rows.js';
import type { DeliveryError, ErrorKind } from './delivery-error.js';
import type { MessageStatus } from './message-status.js';

export const EventSource = {
  API: 'API',
  WORKER: 'WORKER',
  WEBHOOK: 'WEBHOOK',
  POLL: 'POLL',
  SCHEDULER: 'SCHEDULER',
  CONTACT: 'CONTACT',
} as const;
export type EventSource = (typeof EventSource)[keyof typeof EventSource];

/** Who caused an event, where a person or a key did. */
export interface Actor {
  name: string;
  ip?: string | null;
  userAgent?: string | null;
}

export const actorOf = ({ name, ip, userAgent }: Caller): Actor => ({ name, ip, userAgent });

/** A row of `message_events`: the audit trail of one message. */
export interface EventRow {
  id: string;
  messageId: string;
  tenantId: string;
  status: MessageStatus;
  previousStatus: MessageStatus | null;
  /** False for a receipt that told nothing new: kept, but no change and not published. */
  applied: boolean;
  source: EventSource;
  at: Date;
  attempt: number | null;
  provider: string | null;
  errorKind: ErrorKind | null;
  errorCode: string | null;
  errorMessage: string | null;
  errorRetryable: boolean | null;
  actor: Actor | null;
  /** Policy checks and routing steps, for `Message.explanation`; what a receipt said. Nothing personal but the time zone in which hours are quiet. */
  detail: EventDetail | null;
  /** Every transaction below it had ended when the event was written. */
  horizon: string;
}

export interface EventDetail {
  /** Those that forbid or have something to say, where the policy was asked: the other rules passed. */
  checks?: PolicyCheck[];
  routing?: { provider: string; channel: string; chosen: boolean; reason: string }[];
  /** The provider's own word, of a receipt. */
  reported?: string;
  note?: string;
  /** What a provider has of this message, too, and the row does not name: an erasure asks that it be forgotten as well. */
  otherRecord?: { provider: string; providerMessageId: string };
}

/** What a writer gives; the database adds the transaction's place. */
export type NewEvent = Omit<EventRow, 'horizon'>;

/** Where a transaction stands among the others. */
export interface EventPlace {
  /** Every transaction below it had ended when the events were written. */
  horizon: string;
  /** Its own number. */
  xid: string;
}

/** Of a transaction that wrote no event. */
export const NOWHERE: EventPlace = { horizon: '0', xid: '0' };

export const EVENT_COLUMNS: Readonly<Record<keyof NewEvent, string>> = {
  id: 'uuid',
  messageId: 'uuid',
  tenantId: 'uuid',
  status: 'text',
  previousStatus: 'text',
  applied: 'bool',
  source: 'text',
  at: 'timestamptz',
  attempt: 'int',
  provider: 'text',
  errorKind: 'text',
  errorCode: 'text',
  errorMessage: 'text',
  errorRetryable: 'bool',
  actor: 'jsonb',
  detail: 'jsonb',
};

export const eventColumns: RawBuilder<unknown> = sql.raw(
  [...Object.keys(EVENT_COLUMNS), 'horizon'].map((name) => `e.${snakeCase(name)} as "${name}"`).join(', '),
);

export const errorOf = (row: Pick<EventRow, 'errorKind' | 'errorCode' | 'errorMessage' | 'errorRetryable'>): DeliveryError | null =>
  row.errorKind && { kind: row.errorKind, retryable: row.errorRetryable ?? false, code: row.errorCode, message: row.errorMessage ?? '' };
