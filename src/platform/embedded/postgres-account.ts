import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedError } from './embedded-error.js';

const run = promisify(execFile);

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root. Null: we are not root, so it runs as who we are. */
export async function postgresAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account) return { name, uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new EmbeddedError(
    'PostgreSQL refuses to run as root, and /etc/passwd has neither an account postgres nor nobody to run it as: start Heliograph as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether the account may enter the folder or execute the file, all folders on the way included. */
export async function canReach(account: Account, path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', '[ -x "$0" ]', path], { uid: account.uid, gid: account.gid, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
