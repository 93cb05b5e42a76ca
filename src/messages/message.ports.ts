import type { Kysely } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import type { FrequencyCap } from '../accounts/tenant.entity.js';
import type { TenantPolicy } from '../consent/policy-facts.js';
import type { TemplateRefs } from '../templates/provider-refs.js';
import type { Channel, MessageCategory, Money } from '../vocabulary.js';
import type { Lane } from './lane.js';
import type { MessageNews } from './message-fact.js';
import type { MessageStatus } from './message-status.js';
import type { MessageRow } from './message.row.js';

/** What the queue is told: these may be due. */
export interface DispatchHint {
  tenantId: string;
  lane: Lane;
  /** Of all of them, where none asks for a provider by name: while nobody takes the channel's messages, nobody looks at these. */
  channel?: Channel | undefined;
  messageIds: string[];
  /** Nobody needs to look before. */
  delayMs?: number;
}

/** Never throws and never waits long: the row is the promise, the sweep finds what no hint told. */
export interface DispatchQueue {
  hint(hints: DispatchHint[]): Promise<void>;
}

/** Never throws: a lost publication is made good by the feed's reading of the log. */
export interface MessagePublisher {
  publish(news: readonly MessageNews[]): void;
}

/** Which channels can be sent on here, and by whom. */
export interface ChannelDirectory {
  hasChannel(channel: Channel): boolean;
  /** Whether the provider is configured and serves the channel. */
  serves(provider: string, channel: Channel): boolean;
  /** The provider that the channel's messages go to first. */
  preferred(channel: Channel): string | null;
  /** Whether the provider asks for no approval of templates. */
  takesAnyTemplate(provider: string): boolean;
  /** Characters of a text that the provider takes, or whichever of the channel's is asked; Infinity: as many as the channel. */
  longestBody(channel: Channel, provider: string | null): number;
  /** Whether one of the references is the name that WhatsApp approved for the provider. */
  isApproved(provider: string, refs: TemplateRefs): boolean;
}

/** What a message is about to cost. Null where no price is known. */
export interface PriceList {
  estimate(message: PricedMessage): Money | null;
}

export interface PricedMessage {
  provider: string;
  channel: Channel;
  /** ISO 3166 alpha-2, or NO_COUNTRY; null where the address is no number. */
  country: string | null;
  category: MessageCategory;
  /** Null on channels that do not count them: a message is one. */
  segments: number | null;
}

export interface SendingTenant extends TenantPolicy {
  /** For people. */
  name: string;
  /** ISO 3166 alpha-2, for numbers typed without a country code. */
  defaultCountry: string | null;
  /** BCP 47, for templates. */
  defaultLanguage: string | null;
  /** ISO 4217 */
  currency: string;
  frequencyCaps: readonly FrequencyCap[];
}

export interface TenantSource {
  settings(tenantId: string): Promise<SendingTenant>;
}

/** Names a person that is known; exactly one of both. */
export interface ContactRef {
  contactId: string | null;
  externalId: string | null;
}

export interface KnownContact {
  /** Where the person is reached by each channel. */
  addresses: Partial<Record<Channel, string>>;
}

export interface ContactDirectory {
  /** In their order; null for nobody. */
  resolve(tenantId: string, refs: readonly ContactRef[]): Promise<(KnownContact | null)[]>;
}

/**
 * What has been charged in a currency for messages that were accepted from a moment up to another; of those that a provider
 * has taken and told no price of, their price by the price list.
 */
export interface Charges {
  /** Exact decimal. */
  between(db: Kysely<unknown>, tenantId: string, currency: string, from: Date, to: Date): Promise<string>;
}

/** What the statistics tell messages apart by; all that is given must match. */
export interface MessageKind {
  status?: readonly MessageStatus[] | null;
  channel?: Channel[] | null;
  category?: MessageCategory[] | null;
  provider?: string[] | null;
  templateCode?: string | null;
  batchId?: string | null;
}

/** A part of a list: from its newest end or its oldest, as far as it takes to have so many. */
export interface Stretch {
  /** Accepted from then on, and before then. */
  from: Date;
  to: Date;
  oldestFirst: boolean;
  /** How many are wanted from beyond `edge`: what was accepted up to there may be none of the part. */
  count: number;
  edge: Date;
}

/** How many messages of a kind there are, and when they were accepted, without reading any. */
export interface Census {
  count(db: Kysely<unknown>, tenantId: string, kind: MessageKind, since: Date): Promise<number>;
  /** The quarters of an hour in which they were accepted and how many, in the order of the list. */
  quarters(db: Kysely<unknown>, tenantId: string, kind: MessageKind, stretch: Stretch): Promise<{ from: Date; to: Date; count: number }[]>;
}

/** Tells the watchers of a batch, on every process, that it was paused, resumed, cancelled or completed. Never throws. */
export interface BatchBoard {
  changed(batch: { id: string; tenantId: string }): void;
}

/** Asks the provider what became of a message, now. */
export interface StatusRefresher {
  /** Throws Refusal NOT_FOUND, and CONFLICT where no provider has been asked to send it. */
  refresh(caller: Caller, id: string): Promise<MessageRow>;
}
