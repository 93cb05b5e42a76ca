import type { Logger } from 'pino';
import { type Config, Secret } from '../config.js';
import { type EmbeddedUrls, runningEmbedded, startEmbedded } from '../platform/embedded/embedded.js';
import { EmbeddedError } from '../platform/embedded/embedded-error.js';
import { readEncryptionKey } from '../platform/embedded/encryption-key.js';
import type { RunningConfig } from './build-core.js';

export interface Servers {
  config: RunningConfig;
  /** Stops what was started. */
  stop(): Promise<void>;
}

/**
 * Starts an embedded server for each URL that the settings leave open. Throws EmbeddedError, also while another process
 * runs them in the same DATA_DIR; with `share`, a program's are used.
 */
export async function startServers(config: Config, log: Logger, { share = false } = {}): Promise<Servers> {
  const need = { postgres: !config.DATABASE_URL, redis: !config.REDIS_URL };
  const running = share && (need.postgres || need.redis) ? await runningEmbedded(config.DATA_DIR) : null;
  if (running) return { config: await complete(config, running), stop: async () => undefined };
  // What was started for one command ends with it, and would end for whoever else had found it.
  const servers = await startEmbedded({ dataDir: config.DATA_DIR, log, need, offered: !share });
  try {
    return { config: await complete(config, servers), stop: () => servers.stop() };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

async function complete(config: Config, embedded: EmbeddedUrls): Promise<RunningConfig> {
  const DATABASE_URL = config.DATABASE_URL ?? embedded.databaseUrl;
  const REDIS_URL = config.REDIS_URL ?? embedded.redisUrl;
  if (!DATABASE_URL || !REDIS_URL)
    throw new EmbeddedError(
      'The program that uses this DATA_DIR runs other servers than these settings need: give both the same DATABASE_URL and REDIS_URL.',
    );
  const ENCRYPTION_KEY = config.ENCRYPTION_KEY ?? [new Secret(await readEncryptionKey(config.DATA_DIR))];
  return { ...config, DATABASE_URL, REDIS_URL, ENCRYPTION_KEY };
}
