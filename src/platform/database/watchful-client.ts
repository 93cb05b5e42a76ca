import { Client, type ClientBase, type ClientConfig, type PoolConfig } from 'pg';
import { asPrepared } from './prepared.js';

/** How long each may take. */
export interface Patience {
  /** To get a connection, from the server or from others who use it. */
  connectMs: number;
  statementMs: number;
}

/** Of PostgreSQL, by name; ours, so they are not escaped. */
export type ServerSettings = Record<string, string | number>;

export const PATIENCE: Patience = { connectMs: 10_000, statementMs: 60_000 };

/** What a server says that was the primary until it was demoted, and takes writes no more. */
export const READ_ONLY = '25006';
export const SILENT = 'Query read timeout';

const Base = Client as unknown as new (config?: ClientConfig) => { query(...args: unknown[]): unknown; end(): Promise<void> };

/**
 * Ends itself when its server is silent, or is no longer the one to write to. The driver would leave such a connection
 * open and the pool take it back as a good one, to fail whoever comes next.
 */
class WatchfulClient extends Base {
  override query(...args: unknown[]): unknown {
    const [text, values, ...rest] = args;
    const statement = typeof text === 'string' ? asPrepared(text, values) : null;
    const result = statement ? super.query(statement, ...rest) : super.query(...args);
    // With a callback it is the pool itself that asks: that one does not take back what has failed.
    if (result instanceof Promise) result.catch((error: unknown) => void (isOver(error) && this.end().catch(() => undefined)));
    return result;
  }
}

function isOver(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === READ_ONLY || message === SILENT;
}

/** For every pool: a database that has frozen must not freeze us. The server ends what takes longer, and else the client does. */
export const watchful = ({ connectMs, statementMs }: Patience, settings: ServerSettings = {}): PoolConfig => ({
  Client: WatchfulClient as unknown as typeof Client,
  keepAlive: true,
  connectionTimeoutMillis: connectMs,
  query_timeout: statementMs + connectMs,
  ...withSettings({ statement_timeout: statementMs, idle_in_transaction_session_timeout: statementMs, ...settings }, connectMs),
});

/**
 * For a pool whose connections begin with these; one that cannot is not used. The driver would send them with its first packet, where
 * a pooler refuses what it does not know, and `options` are replaced by those of DATABASE_URL.
 */
export const withSettings = (settings: ServerSettings, timeoutMs = PATIENCE.connectMs): Pick<PoolConfig, 'onConnect'> => {
  const text = Object.entries(settings)
    .map(([name, value]) => `set ${name} = ${value}`)
    .join('; ');
  const first = { text, query_timeout: timeoutMs };
  // The pool waits for it, whatever its types say.
  const onConnect = (client: ClientBase): unknown => client.query(first);
  return { onConnect };
};

/** For MikroORM, which by itself takes neither TLS nor any other parameter from DATABASE_URL. */
export const ormConnection = (url: string, options: PoolConfig): { clientUrl: string; driverOptions: PoolConfig } => ({
  clientUrl: url,
  driverOptions: { ...options, connectionString: url },
});
