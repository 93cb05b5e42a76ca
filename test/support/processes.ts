import { readdir, readFile } from 'node:fs/promises';

export interface Process {
  pid: number;
  /** Its command line. */
  command: string;
}

/** The other running processes whose command line has the text. Needs /proc. */
export async function processesNaming(text: string): Promise<Process[]> {
  return (await others()).filter(({ command }) => command.includes(text));
}

/** The running processes that this one has begun. Needs /proc. */
export async function childrenOf(parent: number): Promise<Process[]> {
  const all = await others();
  const parents = await Promise.all(all.map(({ pid }) => parentOf(pid)));
  return all.filter((_, index) => parents[index] === parent);
}

/** In bytes, of the memory that it has at this moment. Needs /proc. */
export async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

async function others(): Promise<Process[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  return Promise.all(
    pids.map(async (pid) => ({ pid, command: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ') })),
  );
}

/** Behind the name, which may have spaces and parentheses of its own: the state, and then the parent. */
async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
