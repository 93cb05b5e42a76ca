import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, realpath, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { EmbeddedError } from './embedded-error.js';
import { type Account, canReach, postgresAccount } from './postgres-account.js';
import { installedPostgres } from './postgres-binaries.js';

const run = promisify(execFile);
/** As root only, for what the account may not reach where it is. */
const SHARED = '/var/lib/heliograph';

export interface PostgresPlace {
  /** Has `bin`, `lib` and `share`. */
  programs: string;
  /** Has the cluster and what belongs to it. */
  home: string;
  /** Null: PostgreSQL runs as who we are. */
  account: Account | null;
}

/**
 * Everything lies in `<dataDir>/postgres`. Only when root keeps Heliograph in a folder closed to others, such as /root,
 * the programs and the cluster lie in /var/lib/heliograph, with a link from there.
 */
export async function postgresPlace(dataDir: string, log: Logger): Promise<PostgresPlace> {
  const programs = await installedPostgres();
  const link = join(dataDir, 'postgres');
  await mkdir(link, { recursive: true, mode: process.getuid?.() === 0 ? 0o755 : 0o700 });
  const home = await realpath(link);
  const account = await accountOf(join(home, 'data'));
  if (account === null) return { programs, home, account };
  return { programs: await reachablePrograms(programs, account), home: await reachableHome(link, home, account, log), account };
}

/** Root may start what an ordinary user began: then PostgreSQL stays with that user. */
async function accountOf(cluster: string): Promise<Account | null> {
  const found = process.getuid?.() === 0 ? await stat(cluster).catch(() => null) : null;
  if (found && found.uid !== 0) return { name: `of number ${found.uid}`, uid: found.uid, gid: found.gid };
  const account = await postgresAccount();
  // PostgreSQL never made a folder of root's: this is a copy.
  if (found && account) await run('chown', ['-R', `${account.uid}:${account.gid}`, cluster]);
  return account;
}

async function reachablePrograms(installed: string, account: Account): Promise<string> {
  if (await canReach(account, join(installed, 'bin', 'postgres'))) return installed;
  const { mtimeMs } = await stat(join(installed, 'bin', 'postgres'));
  const copy = join(SHARED, `programs-${Math.trunc(mtimeMs)}`);
  if (await canReach(account, join(copy, 'bin', 'postgres'))) return copy;
  await openShared(account, installed);
  // Another process may be copying as well: the first to finish gives its copy the name.
  const unfinished = await mkdtemp(`${copy}-`);
  await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'a+rX', unfinished]);
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }));
  return copy;
}

async function reachableHome(link: string, home: string, account: Account, log: Logger): Promise<string> {
  if (await canReach(account, home)) return home;
  await openShared(account, home);
  const elsewhere = await mkdtemp(join(SHARED, 'data-'));
  await chmod(elsewhere, 0o755);
  try {
    await rmdir(link);
  } catch (cause) {
    await rm(elsewhere, { recursive: true });
    throw new EmbeddedError(
      `The account ${account.name}, which runs PostgreSQL, may not enter ${home}. Let it: chmod o+x for each folder on the way.`,
      { cause },
    );
  }
  await symlink(elsewhere, link);
  log.info({ link, elsewhere }, `The account ${account.name} may not enter this folder: PostgreSQL's files are kept elsewhere`);
  return elsewhere;
}

async function openShared(account: Account, closed: string): Promise<void> {
  try {
    if (await mkdir(SHARED, { recursive: true })) await chmod(SHARED, 0o755);
    if (await canReach(account, SHARED)) return;
  } catch (cause) {
    throw tooClosed(account, closed, cause);
  }
  throw tooClosed(account, closed);
}

const tooClosed = (account: Account, closed: string, cause?: unknown): EmbeddedError =>
  new EmbeddedError(
    `As root, PostgreSQL runs as the account ${account.name}, which may enter neither ${dirname(closed)} nor ${SHARED}. Move Heliograph to a folder that all may enter (for example /srv), start it as an ordinary user, or set DATABASE_URL.`,
    { cause },
  );
