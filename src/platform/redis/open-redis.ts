import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/**
 * A connection on which Redis has said nothing for so long while it was waited for is given up, with what waits in it.
 * A command's own time-out only tells its caller: the command would wait on, and its bytes with it.
 */
export const SILENCE_MS = 5_000;

/** A client that does not wait for a Redis that has frozen or vanished, but connects again. */
export function openRedis(url: string, log: Logger, options: RedisOptions): Redis {
  const redis = new Redis(url, { socketTimeout: SILENCE_MS, ...options });
  redis.on('error', (error) => log.debug({ err: error }, 'redis connection'));
  return forgetting(redis);
}

/** The driver lets the clock of a lost connection run on, and ends the next one by it; so do its duplicates. */
export function forgetting(redis: Redis): Redis {
  const clock = redis as unknown as { socketTimeoutTimer?: NodeJS.Timeout };
  redis.on('close', () => {
    clearTimeout(clock.socketTimeoutTimer);
    delete clock.socketTimeoutTimer;
  });
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (options) => forgetting(duplicate(options));
  return redis;
}
