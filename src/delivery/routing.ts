import { Lane } from '../messages/lane.js';
import type { MessageRow } from '../messages/message.row.js';
import type { Channel } from '../vocabulary.js';
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
    private readonly random: () => number = Math.random,
  ) {}

  /** The first provider of the channel's order that is healthy; the one that just failed comes last. */
  choose(row: Pick<MessageRow, 'lane' | 'channel' | 'requestedProvider' | 'provider' | 'errorKind'>, now = Date.now()): Route {
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
    const waitMs = this.spread(row.lane, this.waitFor(candidates, now));
    return { provider: null, steps, waitMs };
  }

  /** How many messages of the channel would find a provider now. */
  room(channel: Channel, now = Date.now()): number {
    const candidates = this.directory.candidates(channel);
    // Where nobody serves it, a claim writes down why each message waits.
    return candidates.length === 0 ? Infinity : candidates.reduce((sum, { name }) => sum + Math.max(0, this.health.room(name, now)), 0);
  }

  /** Milliseconds until it is worth asking for room again; 0 while there is some. */
  waitMs(channel: Channel, now = Date.now()): number {
    return this.room(channel, now) > 0 ? 0 : this.waitFor(this.directory.candidates(channel), now);
  }

  /** Codes wait no longer than they must; the others come back one after the other, and not at the first chance. */
  spread(lane: Lane, waitMs: number): number {
    return lane === Lane.otp ? waitMs : Math.ceil(waitMs * (1 + this.random()));
  }

  private waitFor(candidates: readonly MessageProvider[], now: number): number {
    return Math.min(NOBODY_MS, ...candidates.map(({ name }) => this.health.waitMs(name, now)));
  }

  /**
   * Whether a message that its provider failed could go to another one now. Not where the attempt before met an outage as
   * well: then the others are down too, and back and forth it would use up its attempts in a second.
   */
  hasAlternative(
    { channel, requestedProvider, provider, errorKind }: Pick<MessageRow, 'channel' | 'requestedProvider' | 'provider' | 'errorKind'>,
    now = Date.now(),
  ): boolean {
    if (requestedProvider || errorKind === 'PROVIDER_UNAVAILABLE') return false;
    return this.directory.candidates(channel).some(({ name }) => name !== provider && this.health.room(name, now) > 0);
  }

  private candidates({ channel, requestedProvider, provider, errorKind }: Parameters<Routing['choose']>[0]): MessageProvider[] {
    if (requestedProvider) {
      const sender = this.directory.senderFor(requestedProvider, channel);
      return sender ? [sender] : [];
    }
    const all = this.directory.candidates(channel);
    const failed = errorKind && MOVES_ON.has(errorKind) ? provider : null;
    return [...all.filter(({ name }) => name !== failed), ...all.filter(({ name }) => name === failed)];
  }
}

function reasonFor({ requestedProvider, provider, errorKind }: Parameters<Routing['choose']>[0], name: string): string {
  if (requestedProvider) return requestedProvider === name ? 'asked for by the caller' : `instead of ${requestedProvider}, in mock mode`;
  if (errorKind && MOVES_ON.has(errorKind) && provider && provider !== name) return `${provider} failed before`;
  return 'first healthy provider of the channel';
}
