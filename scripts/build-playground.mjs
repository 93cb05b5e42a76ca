// The playground's page takes seconds to build and seldom changes, so it is built only when it has.
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dist, isOlder, root } from './build.mjs';

const page = join(dist, 'playground');
const SOURCES = ['playground', 'playground/**', 'schema/operations', 'schema/operations/**'];

export function buildPlaygroundOnce() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(vite) || !isOlder(join(page, 'index.html'), SOURCES)) return;
  console.log('Building the playground, which takes a few seconds, once');
  // Put in place as a whole: somebody may be using the last one, or building it as well.
  const unfinished = `${page}-${process.pid}`;
  const { status } = spawnSync(process.execPath, [vite, 'build', '-c', 'playground/vite.config.ts', '--outDir', unfinished], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status === 0) place(unfinished);
  else console.error('The playground could not be built; everything else works without it.');
  rmSync(unfinished, { recursive: true, force: true });
}

function place(built) {
  rmSync(page, { recursive: true, force: true });
  try {
    renameSync(built, page);
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(page)) throw error;
  }
}

if (import.meta.main) buildPlaygroundOnce();
