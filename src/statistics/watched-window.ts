import type { Logger } from 'pino';
import { LatestValue } from '../platform/pubsub/latest-value.js';
import type { Statistics } from './statistics.js';

const EVERY_MS = 1_000;

/** One rolling window and all who watch it. Looks once a second when a message has changed its status, and now and then in any case. */
export class WatchedWindow {
  /** What each has been given last. */
  private readonly watchers = new Map<LatestValue<Statistics>, Statistics | null>();
  private newest: { read: Promise<Statistics>; at: number } | null = null;
  private changed = false;
  private lookedAt = Date.now();
  private looking = false;
  private started: { timer: NodeJS.Timeout; leave: Promise<() => void> } | null = null;

  constructor(
    private readonly read: () => Promise<Statistics>,
    private readonly join: (receive: () => void) => Promise<() => void>,
    /** Nobody tells of a price that comes after the last status, nor of what the window leaves behind: that is looked for. */
    private readonly againMs: number,
    private readonly log: Logger,
    private readonly onEmpty: () => void,
  ) {}

  async watch(): Promise<LatestValue<Statistics>> {
    const watcher = new LatestValue<Statistics>(() => this.remove(watcher));
    this.watchers.set(watcher, null);
    try {
      // Changes are heard of before the figures are read: none can fall between.
      await this.start();
      this.give(watcher, await this.recent());
    } catch (error) {
      this.remove(watcher);
      throw error;
    }
    return watcher;
  }

  private async start(): Promise<void> {
    this.started ??= {
      leave: this.join(() => (this.changed = true)),
      timer: setInterval(() => void this.look(), EVERY_MS),
    };
    await this.started.leave;
  }

  private remove(watcher: LatestValue<Statistics>): void {
    if (!this.watchers.delete(watcher) || this.watchers.size > 0) return;
    this.onEmpty();
    if (!this.started) return;
    clearInterval(this.started.timer);
    this.started.leave.then((leave) => leave()).catch((error: unknown) => this.log.debug({ err: error }, 'a window had never been joined'));
  }

  private give(watcher: LatestValue<Statistics>, statistics: Statistics): void {
    if (!this.watchers.has(watcher)) return;
    this.watchers.set(watcher, statistics);
    watcher.put(statistics);
  }

  /** The same for all who come within a second. */
  private recent(): Promise<Statistics> {
    if (!this.newest || Date.now() - this.newest.at >= EVERY_MS) this.newest = { read: this.read(), at: Date.now() };
    return this.newest.read;
  }

  private async look(): Promise<void> {
    if (this.looking || (!this.changed && Date.now() - this.lookedAt < this.againMs)) return;
    this.looking = true;
    this.changed = false;
    this.lookedAt = Date.now();
    try {
      await this.update();
    } catch (error) {
      this.changed = true;
      this.log.warn({ err: error }, 'live statistics could not be read; trying again');
    } finally {
      this.looking = false;
    }
  }

  private async update(): Promise<void> {
    const statistics = await this.read();
    const stale = new Set<Statistics | null>();
    for (const given of new Set(this.watchers.values())) if (given && !(await statistics.showsSame(given))) stale.add(given);
    if (stale.size === 0) return;
    this.newest = { read: Promise.resolve(statistics), at: Date.now() };
    for (const [watcher, given] of this.watchers) if (stale.has(given)) this.give(watcher, statistics);
  }
}
