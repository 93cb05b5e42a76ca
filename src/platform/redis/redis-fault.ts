import type { Logger } from 'pino';
import { openRedis, SILENCE_MS } from './open-redis.js';

const PORT = '6379';

/** Says once in the log where Redis does not answer: a process starts without it, and waits. Says nothing after `signal`. */
export async function warnWithoutRedis(url: string, log: Logger, signal: AbortSignal): Promise<void> {
  const fault = await redisFault(url, log);
  const { hostname, port } = new URL(url);
  // An embedded Redis ends with the process, maybe before it has answered.
  if (fault !== null && !signal.aborted)
    log.warn(`Redis does not answer at ${hostname}:${port || PORT} (${fault}): messages are accepted and wait. Check REDIS_URL.`);
}

async function redisFault(url: string, log: Logger): Promise<string | null> {
  const redis = openRedis(url, log, { lazyConnect: true, retryStrategy: () => null, connectTimeout: SILENCE_MS });
  // What a command fails with does not say why there is no connection.
  let fault: NodeJS.ErrnoException | undefined;
  redis.on('error', (error) => (fault ??= error));
  try {
    await redis.ping();
    return null;
  } catch (error) {
    const { code, message } = fault ?? (error as NodeJS.ErrnoException);
    return code ?? message;
  } finally {
    redis.disconnect();
  }
}
