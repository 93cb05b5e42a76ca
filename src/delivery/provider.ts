import type { FilledRefs } from '../templates/provider-refs.js';
import type { ErrorKind } from '../messages/delivery-error.js';
import type { Channel, MessageCategory, Money } from '../vocabulary.js';

/** What a provider is asked to send. `to` and `from` are plain E.164 numbers: a provider adds its own prefixes. */
export interface OutboundMessage {
  /** Ours. It must ride along (callback URL, client reference) so that a receipt finds its row whatever happens to the answer. */
  id: string;
  /** 1 for the first call. Rides along too: a late failure of an earlier attempt must not fail a later one. */
  attempt: number;
  channel: Channel;
  category: MessageCategory;
  to: string;
  from: string | null;
  body: string;
  mediaUrls: string[];
  /** Of emails. */
  subject?: string;
  /** The text's approved names at providers, where it has some; `body` says the same. */
  providerRefs?: FilledRefs;
  /** Ask the provider to drop it after this time, where it can. */
  expiresAt: Date | null;
  /** `traceparent` to continue, while traces are collected. */
  trace: string | null;
}

/** The provider has taken the message. */
export interface Accepted {
  providerMessageId: string;
  /** Where the answer already tells. */
  segments?: number;
  cost?: Money;
}

/** 'once': worth one more attempt after the first, because nobody knows the cause. */
export type Retry = boolean | 'once';

/**
 * The provider said no, or said nothing.
 * `answered: false` means it may have the message: such a send is never repeated before a receipt or look-up has decided.
 */
export class ProviderError extends Error {
  constructor(
    message: string,
    readonly kind: ErrorKind,
    readonly options: {
      /** False: connection cut, time-out, or a 5xx that proves nothing. */
      answered: boolean;
      retryable: Retry;
      /** The provider's own code, e.g. "30005". */
      code?: string | null;
      /** It is our account that is refused: every message would be, whoever sends it and to whomever. */
      ofAccount?: boolean;
      retryAfterSeconds?: number;
      cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProviderError';
  }
}

/** A provider's report, in our words. */
export interface Receipt {
  /** Ours, where it rode along. */
  messageId: string | null;
  attempt: number | null;
  providerMessageId: string | null;
  /** Null: a status we do not know or that says nothing new (queued, accepted); kept in the journal, changes nothing. */
  status: 'SENT' | 'DELIVERED' | 'READ' | 'FAILED' | null;
  /** The provider's own word. */
  providerStatus: string;
  /** With FAILED. */
  error: { kind: ErrorKind; retryable: Retry; code: string | null; message: string } | null;
  segments: number | null;
  cost: Money | null;
  /** Equal for repeats of the same report. */
  dedupeKey: string;
}

/** A message from a person, in our words. */
export interface IncomingMessage {
  channel: Channel;
  from: string;
  to: string;
  body: string | null;
  mediaUrls: string[];
  providerMessageId: string;
  /** What the provider has understood, acted on and answered by itself. */
  optOutType?: 'STOP' | 'START' | 'HELP' | null;
  /** The name that the person goes by there. */
  profileName?: string | null;
}

export interface WebhookRequest {
  /** As the provider called it: PUBLIC_URL plus path and query. */
  url: string;
  headers: Record<string, string | string[] | undefined>;
  rawBody: string;
}

/** Both throw AppError INVALID_SIGNATURE when the signature is missing or wrong. */
export interface ProviderWebhooks {
  receipts(request: WebhookRequest): Receipt[];
  incoming(request: WebhookRequest): IncomingMessage[];
  /** What the provider wants to read back. */
  reply: { contentType: string; body: string };
}

/** `unknown`: the provider could not be asked, or cannot tell; ask again later or give up. */
export type LookUp = { found: true; providerMessageId: string; receipt: Receipt } | { found: false } | { found: 'unknown'; reason: string };

export interface Charge {
  providerMessageId: string;
  cost: Money;
}

export interface ChargePage {
  charges: Charge[];
  /** To ask for what follows; null at the end. */
  next: string | null;
}

export interface MessageProvider {
  readonly name: string;
  readonly channels: readonly Channel[];
  /** True: WhatsApp templates need no approval. */
  readonly takesAnyTemplate?: boolean;
  /** Characters of a text, where it takes fewer than the channel. */
  readonly longestBody?: Readonly<Partial<Record<Channel, number>>>;
  /** Which of a template's references is the name that WhatsApp approved here; without one, it has approved none. */
  readonly templateRef?: keyof FilledRefs;
  readonly webhooks: ProviderWebhooks;
  /** Throws ProviderError, and nothing else. */
  send(message: OutboundMessage, signal: AbortSignal): Promise<Accepted>;
  /**
   * What became of a message: by the provider's id where we have it, otherwise by what we remember of it.
   * `notBefore` is the time of our call. Where our id does not ride along to be found, `found: true` says that there is
   * exactly one message that it can be: if that one is another of ours, this one was never taken.
   */
  lookUp(message: OutboundMessage & { providerMessageId: string | null; notBefore: Date }, signal: AbortSignal): Promise<LookUp>;
  /**
   * Makes the provider forget what one of its messages says, in either direction, where it can. One that it no longer has
   * counts as forgotten. Throws when it may remember it still.
   */
  redact?(providerMessageId: string, signal: AbortSignal): Promise<void>;
  /**
   * What the messages were charged that it sent in a time, a page at a time, where it tells that neither with its answers nor in
   * receipts. What has no price yet is left out; what others sent by the same account is not. Throws ProviderError.
   */
  charges?(sent: { from: Date; to: Date }, page: string | null, signal: AbortSignal): Promise<ChargePage>;
  /** Throws when the provider cannot be reached or refuses our credentials. */
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
