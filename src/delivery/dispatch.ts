import type { Logger } from 'pino';
import { openContent } from '../messages/message-content.js';
import { Lane } from '../messages/lane.js';
import type { MessageRow } from '../messages/message.row.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Channel } from '../vocabulary.js';
import type { Admission } from './admission.js';
import type { Claimed, Claims } from './claim.js';
import { UNLIMITED, type SendRate } from './delivery.ports.js';
import { Line } from './line.js';
import type { Outcome } from './outcome.js';
import { Places } from './places.js';
import { ProviderError, type MessageProvider, type OutboundMessage } from './provider.js';
import type { ProviderHealth } from './provider-health.js';
import type { OutcomeRecorder } from './record-outcomes.js';

/** What was claimed and has not gone out for so long goes back: its batch may be paused, its person may have objected. */
const STALE_MS = 1_000;

export class Dispatcher {
  private readonly places: Places;
  /** By provider. */
  private readonly lines = new Map<string, Line>();
  private readonly stopping = new AbortController();
  private readonly aborts = new AbortController();

  constructor(
    private readonly claims: Claims,
    private readonly outcomes: OutcomeRecorder,
    private readonly health: ProviderHealth,
    readonly admission: Admission,
    private readonly sealer: Sealer,
    private readonly log: Logger,
    private readonly settings: { timeoutMs: number; concurrency: number; staleMs?: number },
    private readonly rate: SendRate = UNLIMITED,
  ) {
    this.places = new Places(settings.concurrency);
  }

  /**
   * Sends those of the messages that are due. At least once by the queue, at most once by the claim. Returns those it did
   * not look at, because the process is stopping or nobody takes messages of their channel.
   */
  async run(lane: Lane, messageIds: readonly string[], channel?: Channel): Promise<string[]> {
    const underWay: Promise<void>[] = [];
    let rest = messageIds;
    let allowed = 0;
    try {
      while (rest.length > 0 && !this.isStopping && (await this.admission.opens(channel, this.stopping.signal))) {
        // Before the places: who waits for the rate must not keep a place from others meanwhile.
        if (allowed === 0) allowed = await this.rate.take(lane, rest.length, this.stopping.signal);
        if (this.isStopping) break;
        const places = await this.places.take(lane, Math.min(allowed, rest.length));
        const { claimed, asked } = await this.claim(rest, places, channel);
        rest = rest.slice(asked);
        // Messages that were not due, or another worker's, use nothing up.
        allowed -= claimed.length;
        // No transaction is open from here on: a slow provider must not hold a database connection.
        const claimedAt = Date.now();
        for (const one of claimed) underWay.push(this.deliver(one, claimedAt));
      }
    } finally {
      await Promise.all(underWay);
    }
    return [...rest];
  }

  /** No message is asked for any more; calls under way go on to their answer. */
  stop(): void {
    this.stopping.abort();
  }

  /** Ends the calls that are still under way; their messages are UNCONFIRMED until a receipt or look-up decides. */
  abort(): void {
    this.aborts.abort();
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Of the first `asked`. None, where the process began to stop or the provider to fail while this waited for places. */
  private async claim(ids: readonly string[], places: number, channel?: Channel): Promise<{ claimed: Claimed[]; asked: number }> {
    const asked = this.isStopping ? 0 : this.admission.take(channel, places);
    let claimed: Claimed[] = [];
    try {
      if (asked > 0) claimed = await this.claims.take(ids.slice(0, asked));
      return { claimed, asked };
    } finally {
      this.admission.give(channel, asked);
      this.places.give(places - claimed.length);
    }
  }

  private async deliver(claimed: Claimed, claimedAt: number): Promise<void> {
    const { row, provider } = claimed;
    const line = this.lineOf(provider);
    await line.take(row.lane === Lane.otp);
    const outcome = await this.ask(claimed, claimedAt).finally(() => line.release());
    if (outcome.kind === 'returned') this.places.give(1);
    else this.places.answered();
    await this.outcomes.add(outcome, this.aborts.signal).catch((error: unknown) => {
      this.log.error({ err: error, messageId: row.id }, 'an outcome could not be recorded');
    });
  }

  private lineOf({ name }: MessageProvider): Line {
    const line = this.lines.get(name) ?? new Line(this.settings.concurrency);
    this.lines.set(name, line);
    return line;
  }

  /** `claimedAt`: when the claim was committed, which far from the database is seconds after it began. */
  private async ask({ row, provider, before }: Claimed, claimedAt: number): Promise<Outcome> {
    const { timeoutMs, staleMs = STALE_MS } = this.settings;
    const began = Date.now();
    const common = { messageId: row.id, claims: row.claims, claimed: row, provider: provider.name };
    const isStale = began - claimedAt > staleMs;
    // A call that could outlive the lease is not begun: the sweep would take the message for abandoned.
    if (this.isStopping || isStale || !row.leaseUntil || began + 2 * timeoutMs > row.leaseUntil.getTime())
      return { ...common, at: new Date(), kind: 'returned', before };
    const message = this.opened(row);
    if (!message) return { ...common, at: new Date(), kind: 'failed', error: unreadable(row), tookMs: 0 };
    try {
      const accepted = await provider.send(message, this.aborts.signal).finally(this.health.asking(provider.name, began));
      const tookMs = Date.now() - began;
      this.health.succeeded(provider.name, tookMs);
      return { ...common, at: new Date(), kind: 'accepted', accepted, tookMs };
    } catch (thrown) {
      const error = this.errorOf(thrown, row);
      const tookMs = Date.now() - began;
      this.health.failed(provider.name, error, tookMs);
      return { ...common, at: new Date(), kind: 'failed', error, tookMs };
    }
  }

  private opened(row: MessageRow): OutboundMessage | null {
    try {
      return outbound(row, this.sealer);
    } catch (error) {
      this.log.error({ err: error, messageId: row.id }, 'the content of a message cannot be opened');
      return null;
    }
  }

  private errorOf(thrown: unknown, { id }: MessageRow): ProviderError {
    if (thrown instanceof ProviderError) return thrown;
    // A fault of ours: nobody can say how far the call had come, so it is treated as unanswered.
    this.log.error({ err: thrown, messageId: id }, 'a provider threw something else than a ProviderError');
    return new ProviderError('The call broke off.', 'UNKNOWN', { answered: false, retryable: false });
  }
}

/** Nobody was asked, so this is certain. A key that is missing may be set again; what is erased does not come back. */
const unreadable = ({ sealed }: MessageRow): ProviderError =>
  new ProviderError('The content cannot be opened.', 'UNKNOWN', { answered: true, retryable: sealed !== null });

/**
 * What a provider is handed. The fence rides along as the attempt, because it never repeats for a message. Throws when the
 * content has been erased, or its key is missing.
 */
export function outbound(row: MessageRow, sealer: Sealer): OutboundMessage {
  if (!row.sealed) throw new Error('The content has been erased.');
  return { ...envelopeOf(row), ...openContent(sealer, row.tenantId, row.sealed) };
}

export const envelopeOf = ({ id, claims: attempt, channel, category, expiresAt, trace }: MessageRow) => ({
  id,
  attempt,
  channel,
  category,
  expiresAt,
  trace,
});
