import type { Logger } from 'pino';
import type { Accepted, LookUp, MessageProvider, OutboundMessage, ProviderWebhooks } from '../../provider.js';
import { ProviderError } from '../../provider.js';
import { SimulatorClient, type SimulatorAnswer } from './simulator-client.js';
import { refusedBy, unansweredBy } from './simulator-errors.js';
import { MessageAccepted, MessageNotFound, MessageState } from './simulator-protocol.js';
import type { SharedSecret } from './simulator-signature.js';
import { receiptOf, SimulatorWebhooks } from './simulator-webhooks.js';

export interface SimulatorProviderOptions {
  /** Of the simulator's server. */
  url: string;
  secret: SharedSecret;
  /** Those of other processes, whose keys are being replaced: what is signed with them is accepted. */
  earlier?: readonly SharedSecret[];
  /** Where the simulator reaches us; asked at every send, as the port may be known late. */
  publicUrl: () => string;
  timeoutMs: number;
  connections: number;
  log: Logger;
}

/** Sends through the simulator (`startSimulatorServer`): no account, no cost, and every outcome on demand. */
export class SimulatorProvider implements MessageProvider {
  readonly name = 'simulator';
  readonly channels = ['SMS', 'WHATSAPP'] as const;
  readonly takesAnyTemplate = true;
  readonly webhooks: ProviderWebhooks;
  readonly #client: SimulatorClient;

  constructor(private readonly options: SimulatorProviderOptions) {
    this.webhooks = new SimulatorWebhooks([options.secret, ...(options.earlier ?? [])]);
    this.#client = new SimulatorClient(options);
  }

  async send(message: OutboundMessage, signal: AbortSignal): Promise<Accepted> {
    const { id, attempt, channel, to, from, body, mediaUrls } = message;
    const webhooks = `${this.options.publicUrl().replace(/\/$/, '')}/webhooks/simulator`;
    // Our id and the attempt ride along: receipts may overtake the answer, and each attempt answers for itself.
    const callbackUrl = `${webhooks}/status?m=${encodeURIComponent(id)}&a=${attempt}`;
    const request = { id, attempt, channel, to, from, body, mediaUrls, callbackUrl, incomingUrl: `${webhooks}/incoming` };
    const answer = await this.#client.post('/messages', request, signal).catch((failure: unknown) => {
      throw unansweredBy(failure);
    });
    if (answer.status !== 201) throw refusedBy(answer);
    const accepted = MessageAccepted.safeParse(answer.body).data;
    if (accepted) return { providerMessageId: accepted.sid, segments: accepted.segments, cost: accepted.price };
    this.options.log.error({ messageId: id }, 'simulator accepted a message in words we do not know');
    throw new ProviderError('The simulator answered 201 without an id.', 'UNKNOWN', { answered: false, retryable: true });
  }

  async lookUp(message: Parameters<MessageProvider['lookUp']>[0], signal: AbortSignal): Promise<LookUp> {
    const { id, attempt, providerMessageId } = message;
    const path = providerMessageId
      ? `/messages/${encodeURIComponent(providerMessageId)}`
      : `/messages?id=${encodeURIComponent(id)}&attempt=${attempt}`;
    const answer = await this.#client.get(path, signal).catch((failure: unknown) => unansweredBy(failure));
    if (answer instanceof ProviderError) return { found: 'unknown', reason: `The simulator could not be asked (${answer.options.code}).` };
    return foundBy(answer, message.notBefore);
  }

  async redact(providerMessageId: string, signal: AbortSignal): Promise<void> {
    const path = `/messages/${encodeURIComponent(providerMessageId)}/redact`;
    const answer = await this.#client.post(path, {}, signal).catch((failure: unknown) => {
      throw unansweredBy(failure);
    });
    if (answer.status !== 200) throw refusedBy(answer);
  }

  async ping(signal: AbortSignal): Promise<void> {
    const { status } = await this.#client.get('/counts', signal);
    if (status !== 200) throw new Error(`The simulator answered ${status}.`);
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function foundBy({ status, body }: SimulatorAnswer, notBefore: Date): LookUp {
  const state = status === 200 ? MessageState.safeParse(body).data : undefined;
  if (state) return { found: true, providerMessageId: state.sid, receipt: receiptOf(state, state.id, state.attempt) };
  const notFound = status === 404 ? MessageNotFound.safeParse(body).data : undefined;
  if (!notFound) return { found: 'unknown', reason: `The simulator answered ${status}.` };
  if (notFound.remembersSince <= notBefore.getTime()) return { found: false };
  return { found: 'unknown', reason: 'The simulator no longer remembers messages of that time.' };
}
