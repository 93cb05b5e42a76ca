import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDataDir, lockHolder } from './data-dir-lock.js';
import { EmbeddedError } from './embedded-error.js';
import type { EmbeddedServer, EmbeddedStart } from './embedded-server.js';
import { keepFile, keptFile } from './kept-file.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';

export interface EmbeddedUrls {
  databaseUrl?: string;
  redisUrl?: string;
}

export interface EmbeddedServers extends EmbeddedUrls {
  stop(): Promise<void>;
}

interface EmbeddedOptions extends Omit<EmbeddedStart, 'throwaway'> {
  need: { postgres: boolean; redis: boolean };
  throwaway?: boolean;
  /** Whether other processes may find them (runningEmbedded). */
  offered?: boolean;
}

/** It is a file, or below one, or (ENOENT) where the system makes no folders. */
const NO_FOLDER = new Set(['EEXIST', 'ENOTDIR', 'ENOENT']);

/**
 * Starts the servers that are needed; they end with this process, however it ends. One process at a time may use a
 * `dataDir`, which `throwaway` deletes at the end. Throws EmbeddedError.
 */
export async function startEmbedded({ dataDir, log, need, throwaway = false, offered = true }: EmbeddedOptions): Promise<EmbeddedServers> {
  if (!need.postgres && !need.redis) return { stop: async () => undefined };
  // Root's servers run as another account, which has to get in; what is secret has a mode of its own.
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o755 : 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (!NO_FOLDER.has(error.code ?? '')) throw error;
    throw new EmbeddedError(`${dataDir} cannot be made a folder (${error.code}): choose another DATA_DIR.`);
  });
  const unlock = await lockDataDir(dataDir);
  const letGo = async (): Promise<void> => {
    if (throwaway) return rm(dataDir, { recursive: true, force: true });
    await rm(urlsIn(dataDir), { force: true });
    await unlock();
  };
  try {
    await rm(urlsIn(dataDir), { force: true });
    const { servers, urls } = await startServers({ dataDir, log, throwaway }, need);
    if (offered) await keepFile(urlsIn(dataDir), JSON.stringify(urls));
    const stopped = new AbortController();
    for (const server of servers) reportEnd(server, log, stopped.signal);
    const stop = async (): Promise<void> => {
      stopped.abort();
      await Promise.all(servers.map((server) => server.stop()));
      await letGo();
    };
    return { ...urls, stop };
  } catch (error) {
    await letGo();
    throw error;
  }
}

/** Both at once; when one does not start, the other is stopped again. */
async function startServers(
  start: EmbeddedStart,
  need: EmbeddedOptions['need'],
): Promise<{ servers: EmbeddedServer[]; urls: EmbeddedUrls }> {
  const outcomes = await Promise.allSettled([need.postgres ? startPostgres(start) : null, need.redis ? startRedis(start) : null]);
  const [postgres, redis] = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : null));
  const servers = [postgres, redis].filter((server) => server != null);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failure) return { servers, urls: { databaseUrl: postgres?.url, redisUrl: redis?.url } };
  await Promise.all(servers.map((server) => server.stop()));
  throw failure.reason;
}

/** The URLs of the servers that another process runs in this folder and offers; null when none does. */
export async function runningEmbedded(dataDir: string): Promise<EmbeddedUrls | null> {
  if ((await lockHolder(dataDir)) === null) return null;
  const urls = await keptFile(urlsIn(dataDir));
  return urls === null ? null : (JSON.parse(urls) as EmbeddedUrls);
}

const urlsIn = (dataDir: string): string => join(dataDir, 'servers.json');

function reportEnd({ name, ended }: EmbeddedServer, log: EmbeddedStart['log'], expected: AbortSignal): void {
  void ended.then((lastWords) => {
    if (!expected.aborted) log.fatal({ server: name, lastWords }, 'An embedded server has ended by itself: start Heliograph again');
  });
}
