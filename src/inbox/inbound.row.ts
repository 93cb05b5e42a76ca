import type { Intent } from '../consent/intent.js';
import type { Channel } from '../vocabulary.js';

/** What the program itself answered. */
export const AutomaticAnswer = {
  NONE: 'NONE',
  SENT: 'SENT',
  BY_PROVIDER: 'BY_PROVIDER',
  ALREADY_SENT: 'ALREADY_SENT',
  HELD_BACK: 'HELD_BACK',
} as const;
export type AutomaticAnswer = (typeof AutomaticAnswer)[keyof typeof AutomaticAnswer];

/** Whether a person has to read it, because it may be an opt-out, and what they found. */
export const InboundReview = { NEEDED: 'NEEDED', OPT_OUT: 'OPT_OUT', NO_OPT_OUT: 'NO_OPT_OUT' } as const;
export type InboundReview = (typeof InboundReview)[keyof typeof InboundReview];

/** A row of `inbound_messages`. Addresses, text and media are inside `sealed` (see inbound-content.ts). */
export interface InboundRow {
  /** Tells when it was applied. */
  id: string;
  /** Tells when it came, which is its place in the conversation; null in rows of earlier releases. */
  journalId: string | null;
  tenantId: string;
  conversationId: string;
  contactId: string;
  channel: Channel;
  provider: string;
  providerMessageId: string;
  intent: Intent;
  fromHash: Buffer;
  /** Null once erased. */
  sealed: Buffer | null;
  receivedAt: Date;
  textHash: Buffer;
  /** Of the keyword; null where it tells none. */
  language: string | null;
  answer: AutomaticAnswer;
  /** The provider blocks the sender since then, although the person did not opt out here. */
  providerBlocked: boolean;
  review: InboundReview | null;
  /** The question that it answered. */
  questionId: string | null;
}

export const INBOUND_COLUMNS: Readonly<Record<keyof InboundRow, string>> = {
  id: 'uuid',
  journalId: 'uuid',
  tenantId: 'uuid',
  conversationId: 'uuid',
  contactId: 'uuid',
  channel: 'text',
  provider: 'text',
  providerMessageId: 'text',
  intent: 'text',
  fromHash: 'bytea',
  sealed: 'bytea',
  receivedAt: 'timestamptz',
  textHash: 'bytea',
  language: 'text',
  answer: 'text',
  providerBlocked: 'bool',
  review: 'text',
  questionId: 'uuid',
};
