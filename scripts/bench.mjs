// Builds and runs the benchmarks: `npm run bench`, or `npm run bench -- dispatch accept` for some of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build, root } from './build.mjs';

await build();
const entries = readdirSync(join(root, 'bench'), { recursive: true }).filter((name) => name.endsWith('.ts'));
await esbuild.build({
  absWorkingDir: root,
  entryPoints: [
    ...entries.map((name) => ({ in: join('bench', name), out: name.replace(/\.ts$/, '') })),
    // A process of its own, where no Redis is installed.
    { in: 'src/platform/embedded/valkey-server.ts', out: 'platform/embedded/valkey-server' },
  ],
  outdir: 'dist-bench',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  keepNames: true,
  sourcemap: true,
  logLevel: 'warning',
});
await import(join(root, 'dist-bench', 'main.js'));
