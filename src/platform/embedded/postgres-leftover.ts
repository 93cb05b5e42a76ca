import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { keptFile } from './kept-file.js';

const run = promisify(execFile);
const ENDS_WITHIN_MS = 60_000;
/** The highest there can be, which no system gives to a process. */
const NOBODY = '2147483647';

/**
 * Clears the way for a server on the files in `data`. The last one outlives us when this program and the shell that
 * guards it are both killed, and for a moment when only this program is: it is stopped, to be started again under a new
 * guard. And after a crash its number in postmaster.pid may belong to another program by now, or to a dead process that
 * nobody collects; PostgreSQL would take either for a server on its files.
 */
export async function stopLeftoverPostgres(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const pid = Number((await keptFile(pidFile))?.split('\n')[0]);
  if (!(pid > 0)) return;
  const runs = async (): Promise<boolean> => (await commandLine(pid)).includes(data);
  if (await runs()) {
    process.kill(pid, 'SIGINT');
    const deadline = Date.now() + ENDS_WITHIN_MS;
    while (existsSync(pidFile) && (await runs()) && Date.now() < deadline) await sleep(20);
  }
  const left = await keptFile(pidFile);
  if (left === null || (await runs())) return;
  // The rest of the file stays: by it, PostgreSQL makes sure that no part of the last server is still at work.
  await writeFile(pidFile, left.replace(/^\d+/, NOBODY));
}

/** Empty when there is no such process, or it is dead and not yet collected. */
async function commandLine(pid: number): Promise<string> {
  if (existsSync('/proc/self/cmdline')) return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return run('ps', ['-o', 'args=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
