import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { context } from 'esbuild';
import { buildPlaygroundOnce } from './build-playground.mjs';
import { buildOptions, dist, place, root } from './build.mjs';

export async function develop() {
  buildPlaygroundOnce();
  let program = null;
  let ending = false;
  let last = Promise.resolve();

  const stop = async () => {
    if (!program) return;
    const exit = once(program, 'exit');
    program.kill('SIGTERM');
    await exit;
  };
  const restart = async () => {
    await stop();
    if (ending) return;
    const env = { NODE_ENV: 'development', ...process.env };
    const started = spawn(process.execPath, ['--enable-source-maps', join(dist, 'main.js')], { cwd: root, env, stdio: 'inherit' });
    program = started;
    started.once('exit', (code) => {
      program = null;
      if (ending) process.exit(code ?? 1);
      if (code) console.error('Waiting for a change in src before the next start');
    });
  };
  const restartAfterBuild = {
    name: 'restart-after-build',
    setup: ({ onEnd }) =>
      onEnd(({ errors, outputFiles }) => {
        if (errors.length > 0) return;
        place(outputFiles);
        // Builds may follow each other faster than the program stops.
        last = last.then(restart);
      }),
  };
  // A terminal sends Ctrl-C to the program as well, and a second one that ends it at once.
  process.on('SIGINT', () => {
    ending = true;
    if (!program) process.exit(0);
  });
  process.on('SIGTERM', () => {
    ending = true;
    if (program) program.kill('SIGTERM');
    else process.exit(0);
  });
  const watching = await context({ ...buildOptions(), plugins: [restartAfterBuild] });
  await watching.watch();
}
