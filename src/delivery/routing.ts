import type { MessageRow } from '../messages/message.row.js';
import type { MessageProvider } from './provider.js';
import type { ProviderDirectory } from './provider-directory.js';
import type { ProviderHealth } from './provider-health.js';

export interface RoutingStep {
  provider: string;
  channel: string;
  chosen: boolean;
  reason: string;
}

export interface Route {
  provider: MessageProvider | null;
  steps: RoutingStep[];
  /** Without a provider: when to ask again. */
  waitMs: number;
}

/** After these, the next attempt goes to another provider where there is one. */
const MOVES_ON: ReadonlySet<string> = new Set(['PROVIDER_UNAVAILABLE', 'SENDER_MISCONFIGURED', 'RATE_LIMITED']);
const NOBODY_MS = 60_000;

export class Routing {
  constructor(
    private readonly directory: ProviderDirectory,
    private readonly health: ProviderHealth,
  ) {}

  /** The first provider of the channel's order that is healthy; the one that just failed comes last. */
  choose(row: Pick<MessageRow, 'channel' | 'requestedProvider' | 'provider' | 'errorKind'>, now = Date.now()): Route {
    const candidates = this.candidates(row);
    const steps: RoutingStep[] = [];
    for (const provider of candidates) {
      const admitted = this.health.admits(provider.name, now);
      steps.push({
        provider: provider.name,
        channel: row.channel,
        chosen: admitted,
        reason: admitted ? reasonFor(row, provider.name) : 'not healthy just now',
      });
      if (admitted) return { provider, steps, waitMs: 0 };
    }
    const waitMs = Math.min(NOBODY_MS, ...candidates.map(({ name }) => this.health.waitMs(name, now)));
    return { provider: null, steps, waitMs };
  }

  /** Whether a message that this provider failed could go to another one now. */
  hasAlternative(row: Pick<MessageRow, 'channel' | 'requestedProvider' | 'provider'>): boolean {
    return !row.requestedProvider && this.directory.candidates(row.channel).some(({ name }) => name !== row.provider);
  }

  private candidates({ channel, requestedProvider, provider, errorKind }: Parameters<Routing['choose']>[0]): MessageProvider[] {
    if (requestedProvider) {
      const requested = this.directory.get(requestedProvider);
      return requested?.channels.includes(channel) ? [requested] : [];
    }
    const all = this.directory.candidates(channel);
    const failed = errorKind && MOVES_ON.has(errorKind) ? provider : null;
    return [...all.filter(({ name }) => name !== failed), ...all.filter(({ name }) => name === failed)];
  }
}

function reasonFor({ requestedProvider, provider, errorKind }: Parameters<Routing['choose']>[0], name: string): string {
  if (requestedProvider) return 'asked for by the caller';
  if (errorKind && MOVES_ON.has(errorKind) && provider && provider !== name) return `${provider} failed before`;
  return 'first healthy provider of the channel';
}
