// Bundles src into dist: `npm run build`. Packages stay outside. Types are only stripped here; `npm run check` checks them.
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const dist = join(root, 'dist');
const main = join(dist, 'main.js');

const ENTRIES = ['src/main.ts', 'src/cli/heliograph.ts', 'src/app/emit-schema.ts', 'src/platform/embedded/valkey-server.ts'];

/** @returns {import('esbuild').BuildOptions} */
export const buildOptions = () => ({
  absWorkingDir: root,
  entryPoints: ENTRIES.filter((entry) => existsSync(join(root, entry))),
  outdir: dist,
  outbase: 'src',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  sourcemap: true,
  // Bundling renames classes whose names collide, and GraphQL types and errors are known by the names of their classes.
  keepNames: true,
  write: false,
  logLevel: 'warning',
});

/**
 * Writes what has changed, each file at once: a program that starts from dist during a build never sees half of it.
 * @param {import('esbuild').OutputFile[]} files
 */
export function place(files) {
  for (const { path, contents } of files) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
  // Chunks have a hash in their names, so those of earlier builds would pile up.
  const fresh = new Set(files.map(({ path }) => path));
  for (const chunk of globSync(join(dist, 'chunk-*.js{,.map}'))) if (!fresh.has(chunk)) rmSync(chunk, { force: true });
  const now = new Date();
  utimesSync(main, now, now);
}

export async function build() {
  // Not at the top: an installation for production has no esbuild, and needs none.
  const esbuild = await import('esbuild');
  // It has printed what is wrong.
  const { outputFiles } = await esbuild.build(buildOptions()).catch(() => process.exit(1));
  place(outputFiles);
  await esbuild.stop();
}

/** Whether dist is missing or older than what it is made of. */
export const isStale = () => isOlder(main, ['src', 'src/**', 'package.json', 'tsconfig.json', 'scripts/build.mjs']);

/** False as well where the first of the sources is missing: an installation for production has only what was built. */
export function isOlder(result, sources) {
  if (!existsSync(join(root, sources[0]))) return false;
  if (!existsSync(result)) return true;
  const built = statSync(result).mtimeMs;
  // Folders too: they change when a file is removed.
  return globSync(sources, { cwd: root }).some((path) => statSync(join(root, path)).mtimeMs > built);
}

if (import.meta.main) await build();
