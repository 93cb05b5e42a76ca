import { chmod, readFile, rename, writeFile } from 'node:fs/promises';

/** Writes a file that only its owner may read, whole or not at all. */
export async function keepFile(path: string, content: string): Promise<void> {
  const unfinished = `${path}.new`;
  await writeFile(unfinished, `${content}\n`, { mode: 0o600 });
  await chmod(unfinished, 0o600);
  await rename(unfinished, path);
}

/** The trimmed content, or null when there is no such file or it is empty. */
export async function keptFile(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim() || null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** What `make` gave at the first call with this path. */
export async function keptOnce(path: string, make: () => string): Promise<string> {
  const kept = await keptFile(path);
  if (kept !== null) return kept;
  const made = make();
  await keepFile(path, made);
  return made;
}
