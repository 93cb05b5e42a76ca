import type { Caller } from '../accounts/caller.js';
import { AppError, ErrorCode } from '../errors.js';
import type { BatchFeed } from './batch-feed.js';
import type { BatchRow } from './batch.row.js';
import type { BatchService } from './batch.service.js';
import { mapped } from './mapped-stream.js';

/** What `batchProgress` hands out. */
export class WatchedBatches {
  constructor(
    private readonly feed: BatchFeed,
    private readonly batches: BatchService,
  ) {}

  /** Throws NOT_FOUND. */
  async open(caller: Caller, id: string): Promise<AsyncIterable<BatchRow>> {
    const batch = await this.batches.find(caller, id);
    if (!batch) throw new AppError(ErrorCode.NOT_FOUND, 'There is no such batch.');
    return mapped(this.feed.watch(caller.tenantId, id), async () => (await this.batches.find(caller, id)) ?? batch);
  }
}
