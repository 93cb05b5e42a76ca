import type { Logger } from 'pino';
import type { Twilio } from 'twilio';
import type { MessageListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { TwilioConfig } from '../../../config.js';
import { Channel } from '../../../vocabulary.js';
import {
  type Accepted,
  type ChargePage,
  type LookUp,
  type MessageProvider,
  type OutboundMessage,
  ProviderError,
  type ProviderWebhooks,
} from '../../provider.js';
import { addressFor } from './twilio-address.js';
import { callbackUrl, isLoopback } from './twilio-callback.js';
import { toProviderError } from './twilio-errors.js';
import { chargesOf } from './twilio-charges.js';
import { type TwilioCall, TwilioHttpClient } from './twilio-http-client.js';
import { readIncoming } from './twilio-incoming.js';
import { goesByName, lookUpByContent, lookUpBySid } from './twilio-look-up.js';
import { costOf, readReceipts, segmentsOf } from './twilio-receipts.js';
import { redactBySid } from './twilio-redaction.js';
import { verifiedForm } from './twilio-signature.js';

const API = 'https://api.twilio.com';
const MAX_VALIDITY_SECONDS = 36_000;

interface TwilioProviderOptions {
  config: TwilioConfig;
  /** Where Twilio reaches us; asked at each send, because a free port is known only after listening. */
  publicUrl: () => string;
  timeoutMs: number;
  connections: number;
  log: Logger;
}

/** SMS and WhatsApp through Twilio. */
export class TwilioProvider implements MessageProvider {
  readonly name = 'twilio';
  readonly templateRef = 'twilio';
  /** The same on every channel: longer ones are refused with 21617. */
  readonly longestBody = { SMS: 1600, WHATSAPP: 1600 };
  readonly channels: readonly Channel[];
  readonly webhooks: ProviderWebhooks;
  readonly #config: TwilioConfig;
  readonly #apiUrl: string;
  /** Not a stand-in of Twilio on our side. */
  readonly #isReal: boolean;
  readonly #publicUrl: () => string;
  readonly #log: Logger;
  readonly #http: TwilioHttpClient;
  #client: Promise<Twilio> | undefined;
  #warned = false;

  constructor({ config, publicUrl, timeoutMs, connections, log }: TwilioProviderOptions) {
    const authToken = config.authToken.reveal();
    this.#config = config;
    this.#apiUrl = config.apiBaseUrl ?? API;
    this.#isReal = new URL(this.#apiUrl).hostname.endsWith('.twilio.com');
    this.#publicUrl = publicUrl;
    this.#log = log;
    this.#http = new TwilioHttpClient({
      origin: new URL(this.#apiUrl).origin,
      accountSid: config.accountSid,
      authToken,
      timeoutMs,
      connections,
    });
    const senders = { SMS: config.fromNumber, WHATSAPP: config.whatsappNumber };
    this.channels = ([Channel.SMS, Channel.WHATSAPP] as const).filter((channel) => senders[channel] ?? config.messagingServiceSid);
    this.webhooks = {
      receipts: (request) => readReceipts(request, verifiedForm(authToken, request)),
      incoming: (request) => readIncoming(verifiedForm(authToken, request)),
      reply: { contentType: 'text/xml', body: '<Response/>' },
    };
  }

  async send(message: OutboundMessage, signal: AbortSignal): Promise<Accepted> {
    const call: TwilioCall = { signal, written: false };
    try {
      const { messages } = await this.#sdk();
      const accepted = await this.#http.during(call, () => messages.create(this.#request(message)));
      if (!accepted.sid) throw new Error('An answer without a sid.');
      return {
        providerMessageId: accepted.sid,
        segments: segmentsOf(accepted.numSegments) ?? undefined,
        cost: costOf(accepted) ?? undefined,
      };
    } catch (error) {
      throw toProviderError(error, call);
    }
  }

  async lookUp(message: OutboundMessage & { providerMessageId: string | null; notBefore: Date }, signal: AbortSignal): Promise<LookUp> {
    const call: TwilioCall = { signal, written: false };
    const { providerMessageId } = message;
    const addresses = { to: addressFor(message.channel, message.to), ...this.#sender(message) };
    try {
      const { messages } = await this.#sdk();
      return await this.#http.during(call, () =>
        providerMessageId ? lookUpBySid(messages, message, providerMessageId) : lookUpByContent(messages, message, addresses),
      );
    } catch (error) {
      const { code } = toProviderError(error, call).options;
      return { found: 'unknown', reason: `Twilio could not be asked (${code}).` };
    }
  }

  async redact(providerMessageId: string, signal: AbortSignal): Promise<void> {
    const call: TwilioCall = { signal, written: false };
    const { messages } = await this.#sdk();
    await this.#http
      .during(call, () => redactBySid(messages, providerMessageId))
      .catch((error: unknown) => {
        throw toProviderError(error, call);
      });
  }

  async charges(sent: { from: Date; to: Date }, page: string | null, signal: AbortSignal): Promise<ChargePage> {
    const call: TwilioCall = { signal, written: false };
    const { messages } = await this.#sdk();
    return this.#http
      .during(call, () => chargesOf(messages, sent, page))
      .catch((error: unknown) => {
        throw toProviderError(error, call);
      });
  }

  async ping(signal: AbortSignal): Promise<void> {
    const call: TwilioCall = { signal, written: false };
    const account = await this.#sdk()
      .then(({ api }) => this.#http.during(call, () => api.v2010.accounts(this.#config.accountSid).fetch()))
      .catch((error: unknown) => {
        throw toProviderError(error, call);
      });
    if (account.status !== 'active')
      throw new ProviderError(`The Twilio account is ${account.status}.`, 'SENDER_MISCONFIGURED', { answered: true, retryable: false });
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Loaded at the first use: it costs a seventh of a second and 30 MB, which a process that only takes webhooks can save. */
  #sdk(): Promise<Twilio> {
    return (this.#client ??= import('twilio').then(({ default: twilio }) => {
      const { accountSid, authToken } = this.#config;
      // Empty, because the SDK would take TWILIO_EDGE and TWILIO_REGION from the environment and change the host.
      const client = twilio(accountSid, authToken.reveal(), { edge: '', region: '', httpClient: this.#http as never });
      client.api.baseUrl = this.#apiUrl;
      return client;
    }));
  }

  #request(message: OutboundMessage): MessageListInstanceCreateOptions {
    const { channel, to, expiresAt } = message;
    return {
      to: addressFor(channel, to),
      ...this.#sender(message),
      ...contentOf(message),
      validityPeriod: expiresAt ? validitySeconds(expiresAt) : undefined,
      statusCallback: this.#callbackUrl(message),
    };
  }

  /** A Messaging Service chooses among its numbers, so it goes before the one number; it need not have a WhatsApp sender. */
  #sender({ channel, from }: OutboundMessage): { from?: string; messagingServiceSid?: string } {
    const { fromNumber, whatsappNumber, messagingServiceSid } = this.#config;
    if (from) return { from: addressFor(channel, from) };
    if (channel === Channel.WHATSAPP && whatsappNumber) return { from: addressFor(channel, whatsappNumber) };
    if (messagingServiceSid) return { messagingServiceSid };
    return { from: fromNumber };
  }

  /** None when the address leads to this machine: the real Twilio would refuse the whole message for it (21609). */
  #callbackUrl(message: OutboundMessage): string | undefined {
    const publicUrl = this.#publicUrl();
    if (!this.#isReal || !isLoopback(publicUrl)) return callbackUrl(publicUrl, message);
    if (!this.#warned) this.#log.warn({ publicUrl }, 'Twilio cannot call this address, so it will send no receipts: set PUBLIC_URL');
    this.#warned = true;
    return undefined;
  }
}

/** What WhatsApp has approved goes by its name: words of our own would be refused outside a conversation (63016). */
function contentOf(message: OutboundMessage): Partial<MessageListInstanceCreateOptions> {
  const { body, mediaUrls, providerRefs } = message;
  const { twilio } = providerRefs ?? {};
  if (twilio && goesByName(message)) {
    const hasVariables = Object.keys(twilio.variables).length > 0;
    return { contentSid: twilio.contentSid, contentVariables: hasVariables ? JSON.stringify(twilio.variables) : undefined };
  }
  return {
    body: body === '' ? undefined : body,
    mediaUrl: mediaUrls.length > 0 ? mediaUrls : undefined,
  };
}

const validitySeconds = (expiresAt: Date): number =>
  Math.min(Math.max(Math.floor((expiresAt.getTime() - Date.now()) / 1000), 1), MAX_VALIDITY_SECONDS);
