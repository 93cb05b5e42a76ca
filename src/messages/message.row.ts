import { sql, type RawBuilder } from 'kysely';
import { snakeCase } from '../platform/database/rows.js';
import type { ErrorKind } from './delivery-error.js';
import type { Lane } from './lane.js';
import type { SmsEncoding } from '../templates/segments.js';
import type { Channel, MessageCategory, Money } from '../vocabulary.js';
import type { MessageStatus } from './message-status.js';

/** What a call was charged that another one has followed, under the provider's id of its message. */
export interface EarlierCharge extends Money {
  providerMessageId: string | null;
}

/** A row of `messages`. Address, sender, text and media are inside `sealed` (see message-content.ts). */
export interface MessageRow {
  id: string;
  tenantId: string;
  channel: Channel;
  category: MessageCategory;
  topic: string | null;
  lane: Lane;
  status: MessageStatus;
  /** Null once erased. */
  sealed: Buffer | null;
  toHash: Buffer;
  /** ISO 3166 alpha-2, or NO_COUNTRY; null where the address is no number. */
  country: string | null;
  templateCode: string | null;
  templateVersion: number | null;
  language: string | null;
  encoding: SmsEncoding | null;
  segments: number | null;
  requestedProvider: string | null;
  provider: string | null;
  providerMessageId: string | null;
  /** Times a provider was asked. */
  attempts: number;
  /** 0 once the person is being erased: it must not go out, nor again. */
  maxAttempts: number;
  /** Times a worker took it: the fence. An outcome with an older number is a report from a worker believed dead. */
  claims: number;
  /** Not before: sendAt, or the next attempt. */
  dueAt: Date;
  /** When the sweep shall tell the queue about it (again); null while a paused batch holds it. */
  hintAt: Date | null;
  /** While SENDING: after it, the worker counts as dead. While UNCONFIRMED or SENT: when to ask the provider what became of it. */
  leaseUntil: Date | null;
  /** When the provider was last asked. */
  askedAt: Date | null;
  errorKind: ErrorKind | null;
  errorCode: string | null;
  errorMessage: string | null;
  errorRetryable: boolean | null;
  /** What the last call was charged; exact decimal. */
  costAmount: string | null;
  costCurrency: string | null;
  /** What it was expected to cost when it was accepted; null where no price was known. */
  estimateAmount: string | null;
  estimateCurrency: string | null;
  reference: string | null;
  batchId: string | null;
  /** Channels still to try, in order. */
  fallbackChannels: Channel[] | null;
  fallbackAfterSeconds: number | null;
  /** When the next channel takes over unless delivered. */
  fallbackAt: Date | null;
  fallbackOf: string | null;
  fallbackId: string | null;
  /** `traceparent` of the span that accepted it, while traces are collected. */
  trace: string | null;
  createdAt: Date;
  scheduledFor: Date | null;
  expiresAt: Date | null;
  queuedAt: Date | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  failedAt: Date | null;
  /** When a provider was first asked. */
  firstAskedAt: Date | null;
  /** How long the provider took for its last answer. */
  providerMs: number | null;
  /** When it was last queued again by a caller, or after a failure that takes no attempt. */
  retriedAt: Date | null;
  /** True for the one answer that tells that a STOP was understood. */
  confirmsOptOut: boolean | null;
  /** Of the calls before the last, in their order; null where none was charged. */
  earlierCharges: readonly EarlierCharge[] | null;
}

/** SQL type of each column, in table order: the one list from which selects, inserts and updates are written. */
export const MESSAGE_COLUMNS: Readonly<Record<keyof MessageRow, string>> = {
  id: 'uuid',
  tenantId: 'uuid',
  channel: 'text',
  category: 'text',
  topic: 'text',
  lane: 'text',
  status: 'text',
  sealed: 'bytea',
  toHash: 'bytea',
  country: 'text',
  templateCode: 'text',
  templateVersion: 'int',
  language: 'text',
  encoding: 'text',
  segments: 'int',
  requestedProvider: 'text',
  provider: 'text',
  providerMessageId: 'text',
  attempts: 'int',
  maxAttempts: 'int',
  claims: 'int',
  dueAt: 'timestamptz',
  hintAt: 'timestamptz',
  leaseUntil: 'timestamptz',
  askedAt: 'timestamptz',
  errorKind: 'text',
  errorCode: 'text',
  errorMessage: 'text',
  errorRetryable: 'bool',
  costAmount: 'numeric',
  costCurrency: 'text',
  estimateAmount: 'numeric',
  estimateCurrency: 'text',
  reference: 'text',
  batchId: 'uuid',
  fallbackChannels: 'text[]',
  fallbackAfterSeconds: 'int',
  fallbackAt: 'timestamptz',
  fallbackOf: 'uuid',
  fallbackId: 'uuid',
  trace: 'text',
  createdAt: 'timestamptz',
  scheduledFor: 'timestamptz',
  expiresAt: 'timestamptz',
  queuedAt: 'timestamptz',
  sentAt: 'timestamptz',
  deliveredAt: 'timestamptz',
  readAt: 'timestamptz',
  failedAt: 'timestamptz',
  firstAskedAt: 'timestamptz',
  providerMs: 'int',
  retriedAt: 'timestamptz',
  confirmsOptOut: 'bool',
  earlierCharges: 'jsonb',
};

/** `m.tenant_id as "tenantId", …`: rows come out in the program's names with no mapping afterwards. */
export const messageColumns: RawBuilder<unknown> = sql.raw(
  Object.keys(MESSAGE_COLUMNS)
    .map((name) => `m.${snakeCase(name)} as "${name}"`)
    .join(', '),
);
