import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { newId } from '../ids.js';
import { openRedis } from '../redis/open-redis.js';

/** A process that has posted nothing for so long is gone. */
const SECONDS = 30;

/** Values that each process posts under a name for a while, read together by any process. */
export class RedisBoard {
  private readonly redis: Redis;
  private readonly processId = newId();

  constructor(
    url: string,
    private readonly prefix: string,
    private readonly log: Logger,
  ) {
    this.redis = openRedis(url, log, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 1_000 });
  }

  /** Never throws. */
  async put(name: string, value: unknown): Promise<void> {
    const entry = JSON.stringify({ at: Date.now(), value });
    const key = this.keyOf(name);
    await this.redis
      .multi()
      .hset(key, this.processId, entry)
      .expire(key, SECONDS)
      .exec()
      .catch((error: unknown) => this.log.debug({ err: error, name }, 'a value could not be posted'));
  }

  /** Never throws: without Redis there is nothing to read. */
  async all(name: string): Promise<unknown[]> {
    const entries = await this.redis.hgetall(this.keyOf(name)).catch(() => ({}));
    const fresh = Date.now() - SECONDS * 1000;
    return Object.values(entries)
      .map((entry) => JSON.parse(entry) as { at: number; value: unknown })
      .filter(({ at }) => at >= fresh)
      .map(({ value }) => value);
  }

  close(): void {
    this.redis.disconnect();
  }

  private keyOf(name: string): string {
    return `${this.prefix}:board:${name}`;
  }
}
