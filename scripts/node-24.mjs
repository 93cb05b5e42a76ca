// Runs under any Node that knows modules: it is here to say which one is needed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** True under Node 24. Under an older one, the script goes on under the Node that npm has installed; where there is none, it says so. */
export function underNode24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return true;
  const installed = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (existsSync(installed)) {
    const child = spawn(installed, process.argv.slice(1), { stdio: 'inherit' });
    // A terminal sends Ctrl-C to both; it is the child that has something to stop.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('exit', (code) => process.exit(code ?? 1));
  } else {
    console.error(
      `Heliograph needs Node 24 or newer, and this is ${process.version}. Run npm ci, which brings it on Linux and Windows, or install it from nodejs.org.`,
    );
    process.exitCode = 1;
  }
  return false;
}
