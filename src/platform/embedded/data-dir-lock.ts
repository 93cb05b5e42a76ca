import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from './embedded-error.js';
import { keptFile } from './kept-file.js';

const lockIn = (dataDir: string): string => join(dataDir, 'heliograph.pid');

/**
 * Claims the folder for this process; the returned function gives it back.
 * Throws EmbeddedError while another living process holds it; the claim of a dead one is taken over.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = lockIn(dataDir);
  const ours = `${path}.${process.pid}`;
  for (;;) {
    try {
      // A link appears with its content: nobody can see our claim before it has a name, and take it for a dead one's.
      await writeFile(ours, `${process.pid} ${await startTime(process.pid)}\n`);
      await link(ours, path);
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(ours, { force: true });
    }
    const holder = await lockHolder(dataDir);
    if (holder !== null)
      throw new EmbeddedError(
        `Another Heliograph (process ${holder}) is using ${dataDir}: stop it, or give this one a folder of its own with DATA_DIR.`,
      );
    await rm(path, { force: true });
  }
}

/** The number of the living process that has claimed the folder. */
export async function lockHolder(dataDir: string): Promise<number | null> {
  const [pid, since] = ((await keptFile(lockIn(dataDir))) ?? '').split(' ');
  return pid && (await isAlive(Number(pid), since)) ? Number(pid) : null;
}

/** Numbers of processes come round again, in containers after every restart: the start time tells namesakes apart. */
async function isAlive(pid: number, since: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startTime(pid)) === since;
}

/** In clock ticks since the machine's start; "unknown" where there is no /proc. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return 'dead, though nobody has collected it';
  return fields[19] ?? 'unknown';
}
