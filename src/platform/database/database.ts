import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { MikroORM, defineConfig, type EntityManager, type EntitySchema } from '@mikro-orm/postgresql';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool, types, type CustomTypesConfig } from 'pg';
import { AppError, ErrorCode } from '../../errors.js';
import { ormConnection, PATIENCE, READ_ONLY, SILENT, watchful, type Patience } from './watchful-client.js';

/** The filter that keeps tenants apart in everything the ORM reads; entities of a tenant declare it by this name. */
export const TENANT_FILTER = 'tenant';

const INT8 = 20;
const TIMESTAMPTZ = 1184;

/** `2026-11-20 09:30:00.123+00`. The driver's own parser knows every format of a date, and takes ten times as long. */
const instantOf = (text: string): Date =>
  text.endsWith('+00')
    ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    : (types.getTypeParser(TIMESTAMPTZ, 'text') as (text: string) => Date)(text);

const PARSERS = new Map<number, (text: string) => unknown>([
  // Counts come as int8, which pg hands out as strings; ours stay far below 2^53.
  [INT8, Number],
  [TIMESTAMPTZ, instantOf],
]);

const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => PARSERS.get(oid) ?? types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

const CLOSE_MS = 5_000;
const POLL_MS = 5;
const RETRY_MS = 20;

const RETRIED = new Set(['40001', '40P01']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  '53300',
  READ_ONLY,
]);
const UNTRANSLATABLE = '22P05';
const UNSTORABLE = new Set(['22021', UNTRANSLATABLE]);
const CONNECTION_LOST = /^(08|57P0[123])/;
const PASSING = /^(40|53|57|58|25P0|55P03)/;
const LOST = new RegExp(`Connection terminated|timeout exceeded when trying to connect|and is not queryable|${SILENT}`, 'i');

export class Database {
  private constructor(
    private readonly orm: MikroORM,
    private readonly pool: Pool,
    private readonly kysely: Kysely<unknown>,
  ) {}

  static async connect(options: {
    url: string;
    entities: EntitySchema[] | unknown[];
    connections: number;
    log: Logger;
    patience?: Patience;
  }): Promise<Database> {
    const guards = watchful(options.patience ?? PATIENCE);
    const orm = await MikroORM.init(
      defineConfig({
        ...ormConnection(options.url, guards),
        entities: options.entities as EntitySchema[],
        metadataCache: { enabled: false },
        forceUtcTimezone: true,
        ignoreUndefinedInQuery: true,
        pool: { min: 0, max: Math.max(2, Math.ceil(options.connections / 4)) },
        logger: (line) => options.log.debug({ line }, 'orm'),
        onQuery: storable,
      }),
    );
    // Not the ORM's own pool: that one hands timestamps out as strings and sends statements without parameters.
    const pool = new Pool({
      connectionString: options.url,
      max: options.connections,
      application_name: 'heliograph',
      types: TYPES,
      ...guards,
    });
    pool.on('error', (error) => options.log.warn({ err: error }, 'a database connection was lost'));
    // The pool listens to connections that wait only: one that is lost between two statements would end the program.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return new Database(orm, pool, new Kysely({ dialect: new PostgresDialect({ pool }) }));
  }

  /** Sees and writes one tenant's rows only. One per request: it remembers what it has loaded. */
  em(tenantId: string): EntityManager {
    const em = this.orm.em.fork();
    em.setFilterParams(TENANT_FILTER, { tenantId });
    return em;
  }

  /** Sees every tenant: for credentials, jobs and the command line, never for a resolver. */
  emOfAllTenants(): EntityManager {
    const em = this.orm.em.fork();
    em.setFilterParams(TENANT_FILTER, { tenantId: null });
    return em;
  }

  /** For hand-written SQL; a statement about a tenant's rows names the tenant. */
  get sql(): Kysely<unknown> {
    return this.kysely;
  }

  /** Deadlocks and serialization failures are tried again, twice: `work` must not have effects outside the transaction. */
  async transaction<R>(work: (tx: Transaction<unknown>) => Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.kysely.transaction().execute(work);
      } catch (error) {
        if (attempt === 3 || !RETRIED.has(String((error as { code?: unknown }).code))) throw error;
        // Who waited for the same rows goes first: at once, it would be the same deadlock again.
        await sleep(attempt * RETRY_MS);
      }
    }
  }

  /** For reads that must agree with each other: all see the database as it was at one moment. */
  snapshot<R>(read: (tx: Transaction<unknown>) => Promise<R>): Promise<R> {
    return this.kysely.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
  }

  async ping(): Promise<void> {
    await sql`select 1`.execute(this.kysely);
  }

  /** Lets statements under way end, for some seconds. */
  async close(): Promise<void> {
    const deadline = Date.now() + CLOSE_MS;
    do await sleep(POLL_MS);
    while (this.isBusy() && Date.now() < deadline);
    // Not Kysely's own destroy: it loses a connection that is being made just then, and waits for it for ever.
    await this.pool.end();
    await this.orm.close();
  }

  /** Whoever waits for a connection when a pool ends is never told. */
  private isBusy(): boolean {
    return this.pool.waitingCount > 0 || this.pool.totalCount > this.pool.idleCount;
  }
}

/** True for errors that mean "the database cannot be reached just now", not "the statement is wrong". */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return UNREACHABLE.has(String(code)) || CONNECTION_LOST.test(String(code)) || LOST.test(String(message));
}

/**
 * True for errors that lie in the server and the moment, not in what was to be written (resources, cancelled or deadlocked
 * statements, shutdown): part by part it would fail in the same way, and later it may not.
 */
export const isPassing = (error: unknown): boolean =>
  isUnavailable(error) || PASSING.test(String((error as { code?: unknown } | null)?.code));

/** True for a text with U+0000, the one character that PostgreSQL cannot store: by itself, or in JSON. */
export const isUnstorable = (error: unknown): boolean => UNSTORABLE.has(String((error as { code?: unknown } | null)?.code));

export const unavailable = (cause: unknown): AppError =>
  new AppError(ErrorCode.UNAVAILABLE, 'The database cannot be reached just now; try again shortly.', {}, { cause });

export const unstorable = (cause: unknown): AppError =>
  new AppError(ErrorCode.BAD_USER_INPUT, 'A text holds the character U+0000, which cannot be stored.', {}, { cause });

/** The ORM writes values into its statements: there U+0000 would end the statement, and the connection with it. */
function storable(statement: string, values: readonly unknown[]): string {
  if (values.flat().some((value) => typeof value === 'string' && value.includes('\0')))
    throw Object.assign(new Error('A value holds U+0000.'), { code: UNTRANSLATABLE });
  return statement;
}
