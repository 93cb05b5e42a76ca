import type { Logger } from 'pino';
import type { Caller } from '../accounts/caller.js';
import type { StatisticsFilter } from './statistics.queries.js';
import { checkWindow, type StatisticsService } from './statistics.service.js';
import type { Statistics } from './statistics.js';
import { WatchedWindow } from './watched-window.js';

/** Tells of every change of a tenant's messages; returns how to stop. */
interface Changes {
  join(tenantId: string, receive: () => void): Promise<() => void>;
}

/** What `statisticsUpdated` hands out. The same window and filter are computed once for all who watch them in this process. */
export class LiveStatistics {
  private readonly windows = new Map<string, WatchedWindow>();

  constructor(
    private readonly service: StatisticsService,
    private readonly changes: Changes,
    private readonly log: Logger,
    private readonly againMs = 10_000,
  ) {}

  /** The figures at once, and then whenever they have changed, at most once a second. Throws BAD_USER_INPUT. */
  async open({ tenantId }: Caller, windowSeconds: number, filter: StatisticsFilter): Promise<AsyncIterableIterator<Statistics>> {
    checkWindow(windowSeconds);
    const key = JSON.stringify([tenantId, windowSeconds, normalised(filter)]);
    let window = this.windows.get(key);
    if (!window) {
      const read = (): Promise<Statistics> => this.service.ofWindow({ tenantId }, windowSeconds, filter);
      window = new WatchedWindow(
        read,
        (receive) => this.changes.join(tenantId, receive),
        this.againMs,
        this.log,
        () => this.windows.delete(key),
      );
      this.windows.set(key, window);
    }
    return window.watch();
  }
}

/** Equal filters as equal text. */
const normalised = ({ channel, provider, category, templateCode, batchId }: StatisticsFilter): unknown[] => [
  ...[channel, provider, category].map((values) => values && [...new Set<string>(values)].toSorted()),
  templateCode ?? null,
  batchId ?? null,
];
