// Runs a built program in this process, so that its signals, standard streams and exit code are its own.
import { existsSync } from 'node:fs';
import { enableCompileCache, setSourceMapsSupport } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, dist, isStale, root } from './build.mjs';

/** @param {string} program below dist */
export async function run(program) {
  if (!existsSync(join(root, 'node_modules', 'pino'))) {
    console.error('Run npm ci first.');
    process.exit(1);
  }
  if (isStale()) await build();
  enableCompileCache(join(root, 'node_modules', '.cache', 'compiled'));
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  await import(pathToFileURL(join(dist, program)).href);
}
