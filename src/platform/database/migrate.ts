import { setTimeout as sleep } from 'node:timers/promises';
import { MikroORM, defineConfig } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { Client } from 'pg';
import { AdvisoryLock } from './advisory-locks.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { ormConnection, PATIENCE, withSettings } from './watchful-client.js';

/**
 * A statement that waits to change a table makes all who read it wait behind it, so it soon gives up its place and tries
 * again later. Together some minutes: longer than any statement of ours may take.
 */
const LOCK_WAIT = { timeoutMs: 1_000, pauseMs: 1_000, tries: 100 };
const LOCK_NOT_AVAILABLE = '55P03';

export interface MigrateOptions {
  /** Default: all there are. */
  list?: typeof MIGRATIONS;
  lockWait?: typeof LOCK_WAIT;
  connectMs?: number;
}

/**
 * Brings the schema up to date and returns the names of the migrations that ran, each in a transaction of its own. Safe
 * to call from any number of processes at once, and while others work on the tables. Throws when a table stays locked.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const { list = MIGRATIONS, lockWait = LOCK_WAIT, connectMs = PATIENCE.connectMs } = options;
  // Only to connect: the lock may be with another process for minutes, and a migration may take as long.
  const patience = { connectionTimeoutMillis: connectMs, keepAlive: true };
  // MikroORM's migrator takes no lock of its own: two processes starting together would both run the same migration.
  const lock = new Client({ connectionString: databaseUrl, ...patience });
  await lock.connect();
  const orm = await MikroORM.init(
    defineConfig({
      ...ormConnection(databaseUrl, { ...patience, ...withSettings({ lock_timeout: lockWait.timeoutMs }, connectMs) }),
      entities: [],
      extensions: [Migrator],
      discovery: { warnWhenNoEntities: false },
      // Not all in one: the locks of the first would be held while the next one waits for its own.
      migrations: { migrationsList: list, snapshot: false, tableName: 'migrations', safe: true, allOrNothing: false },
      pool: { min: 0, max: 1 },
      logger: () => undefined,
    }),
  );
  try {
    await lock.query('select pg_advisory_lock($1)', [AdvisoryLock.MIGRATION]);
    const ran: string[] = [];
    for (const { name } of await orm.migrator.getPending()) {
      await patiently(lockWait, () => orm.migrator.up({ migrations: [name] }));
      ran.push(name);
    }
    return ran;
  } finally {
    await orm.close();
    await lock.end();
  }
}

async function patiently({ pauseMs, tries }: typeof LOCK_WAIT, work: () => Promise<unknown>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tried >= tries) throw error;
      await sleep(pauseMs);
    }
  }
}
