import type { Metrics } from '../platform/metrics/metrics.js';
import { tracedCall } from '../platform/tracing/tracing.js';
import type { Channel } from '../vocabulary.js';
import {
  ProviderError,
  type Accepted,
  type LookUp,
  type MessageProvider,
  type OutboundMessage,
  type ProviderWebhooks,
} from './provider.js';

/** Times a provider's sends, counts what became of them, and makes each a span of its message's trace. */
export class ObservedProvider implements MessageProvider {
  readonly name: string;
  readonly channels: readonly Channel[];
  readonly takesAnyTemplate: boolean;
  readonly templateRef?: MessageProvider['templateRef'];
  readonly longestBody?: MessageProvider['longestBody'];
  readonly webhooks: ProviderWebhooks;
  readonly redact?: MessageProvider['redact'];
  readonly charges?: MessageProvider['charges'];

  constructor(
    private readonly provider: MessageProvider,
    private readonly metrics: Metrics,
  ) {
    ({ name: this.name, channels: this.channels, webhooks: this.webhooks } = provider);
    this.takesAnyTemplate = provider.takesAnyTemplate ?? false;
    this.templateRef = provider.templateRef;
    this.longestBody = provider.longestBody;
    this.redact = provider.redact?.bind(provider);
    this.charges = provider.charges?.bind(provider);
  }

  send(message: OutboundMessage, signal: AbortSignal): Promise<Accepted> {
    const attributes = { provider: this.name, 'message.id': message.id, attempt: message.attempt };
    return tracedCall('provider.send', attributes, message.trace, () => this.counted(() => this.provider.send(message, signal)));
  }

  lookUp(message: Parameters<MessageProvider['lookUp']>[0], signal: AbortSignal): Promise<LookUp> {
    return this.provider.lookUp(message, signal);
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.provider.ping(signal);
  }

  close(): Promise<void> {
    return this.provider.close();
  }

  private async counted(send: () => Promise<Accepted>): Promise<Accepted> {
    const { name: provider } = this;
    const stop = this.metrics.providerSeconds.startTimer({ provider });
    try {
      const accepted = await send();
      this.metrics.outcomes.inc({ provider, outcome: 'accepted' });
      return accepted;
    } catch (error) {
      this.metrics.outcomes.inc({ provider, outcome: outcomeOf(error) });
      throw error;
    } finally {
      stop();
    }
  }
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof ProviderError)) return 'UNKNOWN';
  return error.options.answered ? error.kind : 'unanswered';
}
