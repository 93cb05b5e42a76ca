import type { Logger } from 'pino';
import type { Caller } from '../accounts/caller.js';
import { AppError, ErrorCode } from '../errors.js';
import type { BatchFeed } from './batch-feed.js';
import type { BatchRow } from './batch.row.js';
import type { BatchService } from './batch.service.js';
import { WatchedBatch, type Beat, type Seen } from './watched-batch.js';

/** What `batchProgress` hands out. A batch is read once for all who watch it in this process. */
export class WatchedBatches {
  private readonly batches = new Map<string, WatchedBatch>();

  constructor(
    private readonly feed: Pick<BatchFeed, 'join'>,
    private readonly service: Pick<BatchService, 'find' | 'costs'>,
    private readonly log: Logger,
    private readonly beat: Beat = { everyMs: 1_000, againMs: 10_000 },
  ) {}

  /** The batch at once, and then whenever it has moved. Throws NOT_FOUND. */
  async open({ tenantId }: Pick<Caller, 'tenantId'>, id: string): Promise<AsyncIterableIterator<BatchRow>> {
    const key = JSON.stringify([tenantId, id]);
    let batch = this.batches.get(key);
    if (!batch) {
      batch = new WatchedBatch(
        () => this.read(tenantId, id),
        (moved) => this.feed.join(tenantId, id, moved),
        this.beat,
        this.log,
        () => this.batches.delete(key),
      );
      this.batches.set(key, batch);
    }
    const watcher = await batch.watch();
    if (!watcher) throw new AppError(ErrorCode.NOT_FOUND, 'There is no such batch.');
    return watcher;
  }

  private async read(tenantId: string, id: string): Promise<Seen | null> {
    const batch = await this.service.find({ tenantId }, id);
    if (!batch) return null;
    const costs = await this.service.costs([id]);
    return { batch, costs: costs.toSorted((one, other) => one.currency.localeCompare(other.currency)) };
  }
}
