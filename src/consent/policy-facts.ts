import type { QuietHours } from '../accounts/tenant.entity.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { ConsentState } from './consent.row.js';

/** What the rules look at. The same for a send that is asked for and for one that is about to go out. */
export interface PolicyFacts {
  /** When it would go out: now, or the time that the caller named. */
  at: Date;
  /** Whether what quiet hours put off is judged as of their end: a send that is asked for. A claim is made again then. */
  looksAhead: boolean;
  /** MESSAGING_ENABLED of this installation. */
  messagingEnabled: boolean;
  tenant: TenantPolicy;
  message: MessageFacts;
  person: PersonFacts;
  /** Those that stop at their limit. */
  budgets: readonly BudgetFacts[];
}

/** What a tenant has decided. */
export interface TenantPolicy {
  messagingEnabled: boolean;
  allowedCountries: string[] | null;
  impliedConsent: readonly MessageCategory[];
  quietHours: QuietHours | null;
  timeZone: string;
}

export interface MessageFacts {
  channel: Channel;
  category: MessageCategory;
  topic: string | null;
  /** ISO 3166 alpha-2, or NO_COUNTRY; null where the address is no number. */
  country: string | null;
  /** Words of its own, not those of a template that the channel's operator knows. */
  isFreeText: boolean;
  expiresAt: Date | null;
  /** The one answer that tells the person that their STOP was understood. */
  confirmsOptOut?: boolean;
}

/** What is known of the person behind an address; all of it empty for somebody unknown. */
export interface PersonFacts {
  timeZone: string | null;
  /** For the words; no rule asks for it. */
  language: string | null;
  /** Who set the opt-out that covers the message's channel and category. */
  suppressedBy: string | null;
  /** Of the message's channel and category. */
  consent: { state: ConsentState; expiresAt: Date | null } | null;
  /** For the message's topic and channel; null without one. */
  preference: boolean | null;
  /** The tenant's cap on the category, and how many the person has had of it; null without one. */
  cap: { max: number; perSeconds: number; sent: number } | null;
  /** Until when the person can be answered in words of one's own. */
  sessionUntil: Date | null;
}

export const UNKNOWN_PERSON: PersonFacts = {
  timeZone: null,
  language: null,
  suppressedBy: null,
  consent: null,
  preference: null,
  cap: null,
  sessionUntil: null,
};

/** Amounts in millionths of its currency. */
export interface BudgetFacts {
  period: 'DAY' | 'MONTH';
  /** ISO 4217 */
  currency: string;
  limit: bigint;
  /** Charged so far, and what is expected for messages that wait. */
  used: bigint;
  /** Of this message, as far as it is known. */
  cost: bigint;
}
