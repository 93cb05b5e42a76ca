import { pino, type Logger } from 'pino';
import { buildAccounts, ENTITIES, type Accounts } from '../app/build-accounts.js';
import { buildCore, type Core, type RunningConfig } from '../app/build-core.js';
import { startServers } from '../app/servers.js';
import { explainStartFault } from '../app/start-fault.js';
import { readConfig } from '../config.js';
import { AppError, ErrorCode, Refusal } from '../errors.js';
import { Database } from '../platform/database/database.js';
import { migrate } from '../platform/database/migrate.js';
import { createLogger } from '../platform/logging/logger.js';

/** Stands in the audit log. */
export const BY = 'command line';

/** Only warnings, and not to stdout: what a command prints there can be captured. */
const quietLog = (): Logger => createLogger({ level: 'warn', destination: pino.destination(2) });

/**
 * Runs a command with the servers of the settings: those of DATABASE_URL and REDIS_URL, or the embedded ones, which are
 * shared with a running Heliograph or started for the command.
 */
export const withServers = (work: (config: RunningConfig, log: Logger) => Promise<void>): Promise<void> =>
  explained(async (log) => {
    const servers = await startServers(readConfig(), log, { share: true });
    try {
      await work(servers.config, log);
    } finally {
      await servers.stop();
    }
  });

const isInput = (error: unknown): error is Error =>
  error instanceof Refusal || (error instanceof AppError && error.code === ErrorCode.BAD_USER_INPUT);

/** What goes wrong is told, and becomes exit code 1. */
export async function explained(work: (log: Logger) => Promise<void>): Promise<void> {
  const log = quietLog();
  try {
    await work(log);
  } catch (error) {
    process.exitCode = 1;
    const explanation = isInput(error) ? error.message : explainStartFault(error);
    if (explanation) process.stderr.write(`${explanation}\n`);
    else log.fatal({ err: error }, 'The command failed');
  }
}

/**
 * Once for the process: a command outlives its output. Without somebody who listens, the first line that nobody reads or
 * that there is no room for would end the process in the middle of its work.
 */
export function outliveOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', () => undefined);
  // Each further line fails in the same way.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    // Who read along has seen enough, as `head` does.
    if (error.code === 'EPIPE') return;
    process.exitCode = 1;
    tell(explainStartFault(error) ?? error.message);
  });
}

/** Runs a command on the accounts, over a schema that is up to date. */
export const withAccounts = (work: (accounts: Accounts) => Promise<void>): Promise<void> =>
  withServers(async ({ DATABASE_URL }, log) => {
    await migrate(DATABASE_URL);
    const db = await Database.connect({ url: DATABASE_URL, entities: ENTITIES, connections: 2, log });
    try {
      // No bus: running processes read changed keys and settings again within seconds.
      await work(await buildAccounts({ db, bus: null, log }));
    } finally {
      await db.close();
    }
  });

/** Runs a command on the whole program below its edges. What has to be sent is left to running workers. */
export const withCore = (work: (core: Core) => Promise<void>): Promise<void> =>
  withServers(async (config, log) => {
    await migrate(config.DATABASE_URL);
    const core = await buildCore(config, { log, publicUrl: () => config.PUBLIC_URL ?? '', sends: false });
    try {
      await work(core);
    } finally {
      await core.close();
    }
  });

export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Beside what a script wants to capture. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
