import type { Logger } from 'pino';
import type { Database } from '../platform/database/database.js';
import { idFloor } from '../platform/ids.js';
import type { EventBus } from '../platform/pubsub/event-bus.js';
import { FactQueue } from './fact-queue.js';
import { FactSequencer } from './fact-sequencer.js';
import { decodeCursor, encodeCursor, isBefore, lowerHorizon, type FeedCursor } from './feed-cursor.js';
import { FeedReplay } from './feed-replay.js';
import type { LogSnapshot } from './log-snapshot.js';
import { factOf, type FeedItem, type MessageFact, type MessageNews } from './message-fact.js';
import { currentHorizon, eventsFrom, loggedSince, type LoggedEvent } from './message-feed.queries.js';
import type { MessagePublisher } from './message.ports.js';

const PAGE = 1000;
const LOG_PAGE = 50_000;
/** Changes in one publication: Redis closes the connection of a reader for whom too many bytes wait. */
const PUBLICATION = 200;

type Receive = (item: FeedItem) => void;

interface TenantFeed {
  subscribers: Set<Receive>;
  sequencer: FactSequencer;
  /** Every transaction below it has ended, and its changes have been handed on. Null until `opened`. */
  verified: string | null;
  /** Publications arrive from then on. */
  opened: Promise<void>;
  leave: Promise<() => Promise<void>>;
}

type OpenFeed = TenantFeed & { verified: string };

const topicOf = (tenantId: string): string => `messages.${tenantId}`;

/**
 * Live status changes of a process. Publications over Redis are the fast way; the event log in PostgreSQL is the truth.
 * Once a second the log is read for what no publication brought (its sender died, or Redis was away), so that a
 * subscriber gets every change even then, and `verified` says up to which transaction nothing is missing: that, not the
 * event's own place, is where a cursor resumes.
 */
export class MessageFeed implements MessagePublisher {
  private readonly past: FeedReplay;
  private readonly tenants = new Map<string, TenantFeed>();
  /** The first transaction that may have been running when the log was last read. */
  private reached: string | null = null;
  private isAway = false;
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly db: Database,
    private readonly bus: EventBus,
    private readonly log: Logger,
    private readonly readEveryMs = 1000,
  ) {
    this.past = new FeedReplay(db);
  }

  publish(news: readonly MessageNews[]): void {
    const byTenant = Map.groupBy(news, ({ event }) => event.tenantId);
    for (const [tenantId, group] of byTenant)
      for (let start = 0; start < group.length; start += PUBLICATION)
        this.bus.publish(topicOf(tenantId), () => group.slice(start, start + PUBLICATION).map(factOf));
  }

  /**
   * The tenant's changes from now on, or, with a cursor, from there on: first from the log, then live, without a gap
   * between. Ends with SLOW_CONSUMER when the reader falls too far behind. Throws BAD_USER_INPUT for a broken cursor.
   */
  subscribe(tenantId: string, wanted: (fact: MessageFact) => boolean, after: string | null): AsyncGenerator<FeedItem, void, undefined> {
    const cursor = after === null ? null : decodeCursor(after);
    const queue = new FactQueue<FeedItem>();
    const items = this.items(tenantId, wanted, cursor, queue);
    const finish = items.return.bind(items);
    // A generator that waits inside can only be ended by what it waits for.
    items.return = (value) => {
      queue.close();
      return finish(value);
    };
    return items;
  }

  private async *items(
    tenantId: string,
    wanted: (fact: MessageFact) => boolean,
    cursor: FeedCursor | null,
    queue: FactQueue<FeedItem>,
  ): AsyncGenerator<FeedItem, void, undefined> {
    // Open before the log is read: what commits in between is then in the queue, in the log, or both, but never in neither.
    const leave = await this.join(tenantId, (item) => wanted(item.fact) && queue.push(item));
    try {
      let replayed: LogSnapshot | null = null;
      for (let from = cursor; from;) {
        replayed = await this.past.snapshot();
        for await (const item of this.past.items(tenantId, from, replayed, () => queue.isClosed)) if (wanted(item.fact)) yield item;
        // It took so long that what came meanwhile did not fit: that is in the log too.
        from = queue.restart() ? startOf(replayed) : null;
      }
      for await (const item of queue) if (!replayed?.has(item.fact.event.xid)) yield item;
    } finally {
      leave();
    }
  }

  /** Every change of a tenant, for what this process itself waits for. Returns how to stop. */
  async join(tenantId: string, receive: Receive): Promise<() => void> {
    const feed = this.tenants.get(tenantId) ?? this.open(tenantId);
    feed.subscribers.add(receive);
    const leave = (): void => {
      feed.subscribers.delete(receive);
      if (feed.subscribers.size === 0) this.shut(tenantId, feed);
    };
    try {
      await feed.opened;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Where the feed stands, as a cursor: whoever begins later goes on from there, and misses nothing in between. */
  async position(): Promise<string> {
    return encodeCursor(startOf(await this.past.snapshot()));
  }

  /** How many are being served. */
  get subscriptions(): number {
    return [...this.tenants.values()].reduce((sum, { subscribers }) => sum + subscribers.size, 0);
  }

  async close(): Promise<void> {
    for (const [tenantId, feed] of this.tenants) this.shut(tenantId, feed);
    await this.reading;
  }

  private open(tenantId: string): TenantFeed {
    const subscribers = new Set<Receive>();
    const sequencer = new FactSequencer((fact) => {
      // Made now and once for all: a reader that is behind still has to be given what lies between it and `verified`.
      const item = itemOf(fact, feed.verified ?? fact.event.horizon);
      for (const receive of subscribers) receive(item);
    });
    const leave = this.bus.subscribe(topicOf(tenantId), (facts) => sequencer.receive(facts as MessageFact[]));
    const opened = leave.then(async () => void (feed.verified = await currentHorizon(this.db.sql)));
    const feed: TenantFeed = { subscribers, sequencer, verified: null, opened, leave };
    this.tenants.set(tenantId, feed);
    this.timer ??= setInterval(() => this.read(), this.readEveryMs);
    return feed;
  }

  private shut(tenantId: string, feed: TenantFeed): void {
    if (this.tenants.get(tenantId) !== feed) return;
    this.tenants.delete(tenantId);
    feed.sequencer.close();
    feed.leave.then((stop) => stop()).catch((error: unknown) => this.log.warn({ err: error }, 'leaving a topic failed'));
    if (this.tenants.size > 0 || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.reached = null;
  }

  private read(): void {
    // One at a time: a slow database must not pile up readers.
    this.reading ??= this.readLog()
      .then(() => (this.isAway = false))
      .catch((error: unknown) => {
        if (!this.isAway) this.log.warn({ err: error }, 'the event log cannot be read; trying again every second');
        this.isAway = true;
      })
      .finally(() => (this.reading = null))
      .then(() => undefined);
  }

  private async readLog(): Promise<void> {
    // Up to where the last reading found the log, a second ago: what is newer may still be on its way over Redis.
    const until = this.reached;
    this.reached = await currentHorizon(this.db.sql);
    const feeds = new Map([...this.tenants].filter((entry): entry is [string, OpenFeed] => entry[1].verified !== null));
    if (until === null || feeds.size === 0) return;
    const from = [...feeds.values()].reduce((lowest, { verified }) => lowerHorizon(lowest, verified), until);
    const { horizon, events } = await loggedSince(this.db.sql, [...feeds.keys()], { from, until, limit: LOG_PAGE });
    const missed = events.filter(({ id, tenantId, xid }) => {
      const feed = feeds.get(tenantId);
      return feed && !isBefore(xid, feed.verified) && !feed.sequencer.has(id);
    });
    for (let start = 0; start < missed.length; start += PAGE) await this.repeat(missed.slice(start, start + PAGE), feeds);
    for (const feed of feeds.values()) {
      if (isBefore(feed.verified, horizon)) feed.verified = horizon;
      feed.sequencer.verify(feed.verified);
    }
  }

  private async repeat(missed: readonly LoggedEvent[], feeds: ReadonlyMap<string, OpenFeed>): Promise<void> {
    const byTenant = Map.groupBy(missed, ({ tenantId }) => tenantId);
    for (const [tenantId, events] of byTenant) feeds.get(tenantId)?.sequencer.holdBack(events.map(({ messageId }) => messageId));
    let facts: MessageFact[] = [];
    try {
      facts = await eventsFrom(
        this.db.sql,
        missed.map(({ id }) => id),
      );
    } finally {
      // Also when it failed: what was held back must go on.
      const found = Map.groupBy(facts, ({ event }) => event.tenantId);
      for (const tenantId of byTenant.keys()) feeds.get(tenantId)?.sequencer.repeat(found.get(tenantId) ?? []);
    }
  }
}

/** Nothing of the state is handed on again, unless a transaction ran beside it. */
const startOf = ({ horizon, takenAt }: LogSnapshot): FeedCursor => ({ horizon, eventId: idFloor(takenAt) });

const itemOf = (fact: MessageFact, verified: string): FeedItem => ({
  fact,
  cursor: encodeCursor({ horizon: lowerHorizon(verified, fact.event.horizon), eventId: fact.event.id }),
});
