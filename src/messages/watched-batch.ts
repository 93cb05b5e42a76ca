import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { LatestValue } from '../platform/pubsub/latest-value.js';
import type { Money } from '../vocabulary.js';
import type { BatchRow } from './batch.row.js';

export interface Beat {
  /** Reads are at least so far apart. */
  everyMs: number;
  /** When nobody tells of a change, it is looked for: what tells may be lost. */
  againMs: number;
}

/** A batch as it was read, with what may change though no message changes its status: providers tell prices later. */
export interface Seen {
  batch: BatchRow;
  costs: Money[];
}

/** One batch and all who watch it. It is read once for them all, and each gets the same object. */
export class WatchedBatch {
  /** What each has been given last. */
  private readonly watchers = new Map<LatestValue<BatchRow>, Seen | null>();
  private readonly end = new AbortController();
  private newest: { read: Promise<Seen | null>; at: number } | null = null;
  private hasMoved = false;
  private wake = Promise.withResolvers<void>();
  private joined: Promise<() => Promise<void>> | null = null;
  private running: Promise<void> | null = null;

  constructor(
    private readonly read: () => Promise<Seen | null>,
    private readonly join: (moved: () => void) => Promise<() => Promise<void>>,
    private readonly beat: Beat,
    private readonly log: Logger,
    private readonly onEmpty: () => void,
  ) {}

  /** Null where there is no such batch. */
  async watch(): Promise<LatestValue<BatchRow> | null> {
    const watcher = new LatestValue<BatchRow>(() => this.remove(watcher));
    this.watchers.set(watcher, null);
    try {
      // Changes are heard of before the batch is read: none can fall between.
      await (this.joined ??= this.join(() => this.moved()));
      const seen = await this.recent();
      if (seen === null) this.remove(watcher);
      // Whatever it was given meanwhile is not older, or the next beat makes it good.
      else if (this.watchers.get(watcher) === null) this.give(watcher, seen);
      // Not before: the first beat is a whole one after what the first of them was given.
      this.running ??= this.run();
      return seen && watcher;
    } catch (error) {
      this.remove(watcher);
      throw error;
    }
  }

  private remove(watcher: LatestValue<BatchRow>): void {
    if (!this.watchers.delete(watcher) || this.watchers.size > 0) return;
    this.onEmpty();
    this.end.abort();
    this.wake.resolve();
    this.joined?.then((leave) => leave()).catch((error: unknown) => this.log.debug({ err: error }, 'a batch had never been joined'));
  }

  private give(watcher: LatestValue<BatchRow>, seen: Seen): void {
    this.watchers.set(watcher, seen);
    watcher.put(seen.batch);
  }

  private moved(): void {
    this.hasMoved = true;
    this.wake.resolve();
  }

  private async run(): Promise<void> {
    const { signal } = this.end;
    for (;;) {
      await pause(this.beat.everyMs, undefined, { signal }).catch(() => undefined);
      const again = setTimeout(() => this.wake.resolve(), this.beat.againMs);
      if (!signal.aborted) await this.wake.promise;
      clearTimeout(again);
      if (signal.aborted) return;
      await this.look();
    }
  }

  private async look(): Promise<void> {
    const wasTold = this.hasMoved;
    // What moves from here on is told by the next beat: the batch is read only now.
    this.hasMoved = false;
    this.wake = Promise.withResolvers<void>();
    try {
      const seen = await this.fresh();
      if (seen) for (const [watcher, given] of this.watchers) if (wasTold || !isDeepStrictEqual(given, seen)) this.give(watcher, seen);
    } catch (error) {
      if (wasTold) this.moved();
      this.log.warn({ err: error }, 'a watched batch could not be read; trying again');
    }
  }

  /** The same for all who come within a beat. */
  private recent(): Promise<Seen | null> {
    return this.newest && Date.now() - this.newest.at < this.beat.everyMs ? this.newest.read : this.fresh();
  }

  private fresh(): Promise<Seen | null> {
    this.newest = { read: this.read(), at: Date.now() };
    return this.newest.read;
  }
}
