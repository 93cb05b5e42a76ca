import type { Transaction } from 'kysely';
import { hintsFor } from '../messages/accept-messages.js';
import { Lane } from '../messages/lane.js';
import { applyChanges, type Change, type EventNote } from '../messages/message-changes.js';
import { NOWHERE } from '../messages/message-event.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessageStatus } from '../messages/message-status.js';
import type { Database } from '../platform/database/database.js';
import type { Fallback } from './fallback.js';
import { MOST_DUE, type LaneQueue, type LookUpQueue } from './delivery.ports.js';
import { unconfirmed } from './outcome.js';
import { countForLookUp, lockAbandoned, lockAwaitingFallback, lockExpired, lockHeld, lockUnhinted } from './sweep.queries.js';

const LIMIT = 2_000;
const MOST_PAGES = 25;
/** A part that had no full page has its next turn after this, as it would have by the clock. */
const REST_MS = 1_000;
/** A row that the queue was told of comes to a worker within this, or its hint is lost. */
const HINT_AGAIN_MS = 5_000;
const LOST_MS = 10 * 60_000;
/** Asked of a provider, and not known to be delivered. */
const MAY_ARRIVE: readonly MessageStatus[] = ['UNCONFIRMED', 'SENT'];

/**
 * Moves on what no worker, receipt or hint will: one statement per kind of stuck row. Running it twice, or on two
 * processes at once, changes nothing; not running it for an hour costs delay and nothing else.
 */
export class Sweep {
  constructor(
    private readonly db: Database,
    private readonly queue: LaneQueue,
    private readonly lookUps: LookUpQueue,
    private readonly fallback: Fallback,
    private readonly publisher: MessagePublisher,
    private readonly settings: { lookUpAfterMs: number },
  ) {}

  /**
   * Returns how many rows each part moved. Page by page in turn: what fills many pages, a campaign that falls due, does not
   * keep the other parts waiting. Throws what failed, once every part has had its turn.
   */
  async run(): Promise<Record<string, number>> {
    const parts = [
      { name: 'expired', page: (now: Date) => this.expire(now) },
      // Somebody waits for it.
      { name: 'held', page: (now: Date) => this.resumeHeld(now) },
      { name: 'due', page: (now: Date) => this.hint(now) },
      { name: 'abandoned', page: (now: Date) => this.giveUpAbandoned(now) },
      { name: 'fallenBack', page: (now: Date) => this.fallBack(now) },
    ].map((part) => ({ ...part, moved: 0, restsUntil: 0 }));
    const errors: unknown[] = [];
    for (let page = 0, isMore = true; isMore && page < MOST_PAGES; page++) {
      isMore = false;
      for (const part of parts.filter(({ restsUntil }) => restsUntil <= Date.now()))
        try {
          const moved = await part.page(new Date());
          part.moved += moved;
          if (moved < LIMIT) part.restsUntil = Date.now() + REST_MS;
          else isMore = true;
        } catch (error) {
          errors.push(error);
          part.restsUntil = Infinity;
        }
    }
    await this.callLookUps().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Several parts of the sweep failed.');
    return Object.fromEntries(parts.map(({ name, moved }) => [name, moved]));
  }

  /** A page of each lane, so that a one-time code is told of before what is left of a campaign. */
  private async hint(now: Date): Promise<number> {
    const idleLanes = await this.queue.idleLanes();
    // Redis is away: the rows wait for it as they are, instead of being marked as told.
    if (idleLanes === null) return 0;
    let moved = 0;
    for (const lane of Object.values(Lane)) moved += await this.hintLane(lane, now, idleLanes.includes(lane));
    return moved;
  }

  private hintLane(lane: Lane, now: Date, isIdle: boolean): Promise<number> {
    // Where nothing waits, no hint is still in line.
    const lostBefore = isIdle ? now : new Date(now.getTime() - LOST_MS);
    return this.move(
      (tx) => lockUnhinted(tx, { lane, now, lostBefore, limit: LIMIT }),
      (row) => {
        const hintAt = new Date(now.getTime() + HINT_AGAIN_MS);
        if (row.status === 'QUEUED') return { row, set: { hintAt }, note: null };
        // What it waited for, such as quiet hours, is over.
        return { row, set: { status: 'QUEUED', queuedAt: now, hintAt, errorMessage: null }, note: scheduler(now) };
      },
    );
  }

  private resumeHeld(now: Date): Promise<number> {
    return this.move(
      (tx) => lockHeld(tx, LIMIT),
      (row) => ({ row, set: { hintAt: new Date(now.getTime() + HINT_AGAIN_MS) }, note: null }),
    );
  }

  private expire(now: Date): Promise<number> {
    return this.move(
      (tx) => lockExpired(tx, now, LIMIT),
      (row) => ({ row, set: { status: 'EXPIRED', hintAt: null }, note: scheduler(now) }),
    );
  }

  /** Its worker died or lost its way between claiming and recording: whether the provider was asked, nobody here knows. */
  private giveUpAbandoned(now: Date): Promise<number> {
    return this.move(
      (tx) => lockAbandoned(tx, now, LIMIT),
      (row) => {
        const error = {
          kind: 'TIMEOUT' as const,
          retryable: true,
          code: null,
          message: 'The worker that was sending this message is gone.',
        };
        return unconfirmed(row, error, this.settings.lookUpAfterMs, {
          ...scheduler(now),
          attempt: row.attempts,
          provider: row.provider,
          error,
        });
      },
    );
  }

  /** Not delivered in time: the next channel takes over. The first message stays what it is, and may still arrive. */
  private async fallBack(now: Date): Promise<number> {
    const { takeovers, count } = await this.db.transaction(async (tx) => {
      const rows = await lockAwaitingFallback(tx, now, LIMIT);
      const successors = rows.map((row) => (MAY_ARRIVE.includes(row.status) ? this.fallback.successor(row, now) : null));
      const changes = rows.map((row, index): Change => {
        const successor = successors[index];
        return { row, set: successor ? { fallbackAt: null, fallbackId: successor.id } : { fallbackAt: null }, note: null };
      });
      await applyChanges(tx, changes);
      const own = successors.flatMap((successor) => successor ?? []);
      const stored = own.length > 0 ? await this.fallback.store(tx, own) : { events: [], place: NOWHERE };
      return { takeovers: { rows: own, stored }, count: rows.length };
    });
    await this.fallback.announce(takeovers);
    return count;
  }

  /** Moves no row: they stay due until a worker that has time to ask takes them, so calling twice asks nobody twice. */
  private async callLookUps(): Promise<void> {
    await this.lookUps.callLookUps(await countForLookUp(this.db.sql, new Date(), MOST_DUE));
  }

  private async move(lock: (tx: Transaction<unknown>) => Promise<MessageRow[]>, decide: (row: MessageRow) => Change): Promise<number> {
    const { rows, news } = await this.db.transaction(async (tx) => applyChanges(tx, (await lock(tx)).map(decide)));
    this.publisher.publish(news);
    await this.queue.hint(hintsFor(rows.filter(({ status, hintAt }) => status === 'QUEUED' && hintAt !== null)));
    return rows.length;
  }
}

const scheduler = (at: Date): EventNote => ({ source: 'SCHEDULER', at });
