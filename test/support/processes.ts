import { readdir, readFile } from 'node:fs/promises';

export interface Process {
  pid: number;
  /** Its command line. */
  command: string;
}

/** The other running processes whose command line has the text. Needs /proc. */
export async function processesNaming(text: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const processes = await Promise.all(
    pids.map(async (pid) => ({ pid, command: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ') })),
  );
  return processes.filter(({ command }) => command.includes(text));
}
