import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError, ErrorCode } from '../../errors.js';

/** After Redis has failed, how long it is left alone: a Redis that hangs must not slow every request down. */
const AVOID_MS = 5_000;

/** So many points a minute for each id, over all processes; while Redis is away, for each process by itself. */
export class RateLimit {
  private readonly shared: RateLimiterRedis;
  private readonly own: RateLimiterMemory;
  private avoidUntil = 0;

  /** `redis` needs a command timeout, and no offline queue. */
  constructor(redis: Redis, options: { name: string; perMinute: number; prefix: string }) {
    const limit = { points: options.perMinute, duration: 60, keyPrefix: `${options.prefix}:limit:${options.name}` };
    this.shared = new RateLimiterRedis({ ...limit, storeClient: redis, rejectIfRedisNotReady: true });
    this.own = new RateLimiterMemory(limit);
  }

  /** Throws AppError RATE_LIMITED with `retryAfterSeconds`. */
  async consume(id: string): Promise<void> {
    try {
      await this.take(id);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      throw new AppError(ErrorCode.RATE_LIMITED, `Too many requests: try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
    }
  }

  private async take(id: string): Promise<void> {
    if (Date.now() >= this.avoidUntil) {
      try {
        await this.shared.consume(id);
        return;
      } catch (error) {
        if (error instanceof RateLimiterRes) throw error;
        this.avoidUntil = Date.now() + AVOID_MS;
      }
    }
    await this.own.consume(id);
  }
}
