import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Lane } from '../../messages/lane.js';
import { openRedis } from '../../platform/redis/open-redis.js';
import type { SendRate } from '../delivery.ports.js';

const KEY = 'all';
/** A share of the second for each: the lanes take turns. */
const TURNS = 10;

/** So many messages a second over all processes; while Redis is away, for each process by itself. */
export class SharedSendRate implements SendRate {
  private readonly redis: Redis;
  private readonly limiter: RateLimiterRedis;
  private readonly mostAtOnce: number;

  constructor(options: { url: string; prefix: string; perSecond: number; log: Logger }) {
    this.redis = openRedis(options.url, options.log, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 500 });
    const limit = { points: options.perSecond, duration: 1, keyPrefix: `${options.prefix}:limit:send` };
    this.limiter = new RateLimiterRedis({
      ...limit,
      storeClient: this.redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(limit),
    });
    this.mostAtOnce = Math.max(1, Math.floor(options.perSecond / TURNS));
  }

  async take(lane: Lane, wanted: number, end: AbortSignal): Promise<number> {
    if (lane === Lane.otp) {
      // Counted, so that the others wait for it.
      await this.limiter.penalty(KEY, wanted);
      return wanted;
    }
    const count = Math.min(wanted, this.mostAtOnce);
    while (!end.aborted) {
      const waitMs = await this.limiter.consume(KEY, count).then(
        () => 0,
        (full: unknown) => {
          if (full instanceof RateLimiterRes) return Math.max(1, full.msBeforeNext);
          throw full;
        },
      );
      if (waitMs === 0) return count;
      await sleep(waitMs, undefined, { signal: end }).catch(() => undefined);
    }
    return 0;
  }

  close(): void {
    this.redis.disconnect();
  }
}
