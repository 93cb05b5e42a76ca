import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, DatabaseError } from 'pg';
import { EmbeddedError } from './embedded-error.js';
import type { EmbeddedServer, EmbeddedStart } from './embedded-server.js';
import { createEncryptionKey } from './encryption-key.js';
import { startOnFreePort } from './free-port.js';
import { keptFile, keptOnce } from './kept-file.js';
import { stopLeftoverPostgres } from './postgres-leftover.js';
import { type PostgresPlace, postgresPlace } from './postgres-place.js';
import { SERVER_ENVIRONMENT, SupervisedServer } from './supervised-server.js';

const run = promisify(execFile);

/** The name of the superuser, and of the database. */
const HELIOGRAPH = 'heliograph';
/** After a power cut PostgreSQL first replays what was written since the last checkpoint. */
const READY_WITHIN_MS = 120_000;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  // "log" leaves out the errors of statements: they name values, which may be personal data, and reach the client anyway.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};
const THROWAWAY_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

interface Cluster extends PostgresPlace {
  data: string;
  password: string;
  throwaway: boolean;
}

/**
 * PostgreSQL 18 of the npm package, with the database `heliograph`, kept in `<dataDir>/postgres`.
 * With `throwaway`, a crash of the machine may spoil its files. Throws EmbeddedError.
 */
export async function startPostgres({ dataDir, log, throwaway }: EmbeddedStart): Promise<EmbeddedServer> {
  const place = await postgresPlace(dataDir, log);
  const data = join(place.home, 'data');
  const cluster: Cluster = { ...place, data, password: await passwordOf(place.home, data), throwaway };
  if (existsSync(data)) await stopLeftoverPostgres(data);
  else {
    log.info('Creating the embedded PostgreSQL database, once');
    await createEncryptionKey(dataDir);
    await createCluster(cluster);
  }
  return startOnFreePort(join(cluster.home, 'port'), (port) => startServer(cluster, port));
}

const urlOf = (cluster: Cluster, port: number, database: string): string =>
  `postgres://${HELIOGRAPH}:${cluster.password}@127.0.0.1:${port}/${database}`;

async function passwordOf(home: string, data: string): Promise<string> {
  const path = join(home, 'password');
  if (existsSync(data) && (await keptFile(path)) === null)
    throw new EmbeddedError(
      `${path} is missing, and without it the database in ${data} cannot be opened. Put it back, or delete ${home} to begin with an empty database.`,
    );
  return keptOnce(path, () => randomBytes(24).toString('base64url'));
}

/** Made under another name and then renamed, so that a start cut short leaves no half-made cluster. */
async function createCluster(cluster: Cluster): Promise<void> {
  const { account } = cluster;
  const unfinished = `${cluster.data}.new`;
  const passwordFile = join(cluster.home, 'initdb-password');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, cluster.password, { mode: 0o600 });
  if (account) for (const path of [unfinished, passwordFile]) await chown(path, account.uid, account.gid);
  // The built-in collation sorts alike on every system and version of its C library.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${HELIOGRAPH}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    await run(
      join(cluster.programs, 'bin', 'initdb'),
      [`--pgdata=${unfinished}`, ...access, ...locale, ...(cluster.throwaway ? ['--no-sync'] : [])],
      {
        uid: account?.uid,
        gid: account?.gid,
        cwd: '/',
        env: SERVER_ENVIRONMENT,
      },
    );
    await rename(unfinished, cluster.data);
  } catch (cause) {
    throw new EmbeddedError(
      `The embedded PostgreSQL could not create its database in ${cluster.home}:\n${(cause as { stderr?: string }).stderr || String(cause)}`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function startServer(cluster: Cluster, port: number): Promise<EmbeddedServer> {
  const settings = { ...SETTINGS, ...(cluster.throwaway ? THROWAWAY_SETTINGS : {}), port };
  const server = new SupervisedServer({
    program: join(cluster.programs, 'bin', 'postgres'),
    args: ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // PostgreSQL's "fast" stop, which rolls back what is open; at SIGTERM it would wait until all clients have left.
    stopSignal: 'INT',
    logFile: join(cluster.home, 'server.log'),
    account: cluster.account,
  });
  try {
    await server.becomeReady(READY_WITHIN_MS, () => createDatabase(urlOf(cluster, port, 'postgres')));
  } catch (cause) {
    await server.stop();
    if (cause instanceof EmbeddedError) throw cause;
    throw new EmbeddedError(`The embedded PostgreSQL did not start. ${server.lastWords()}`, { cause });
  }
  return {
    name: 'postgres',
    url: urlOf(cluster, port, HELIOGRAPH),
    ended: server.ended.then(() => server.lastWords()),
    stop: async () => {
      await server.stop();
      if (cluster.throwaway) await rm(cluster.home, { recursive: true, force: true });
    },
  };
}

/** Rejects while the server is not ready. */
async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [HELIOGRAPH]);
    if (rowCount === 0) await client.query(`create database ${HELIOGRAPH}`);
  } catch (error) {
    if (error instanceof DatabaseError && error.code?.startsWith('28'))
      throw new EmbeddedError(`The embedded PostgreSQL does not take its password (${error.message}).`);
    throw error;
  } finally {
    await client.end();
  }
}
