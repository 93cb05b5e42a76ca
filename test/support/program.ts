import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Program {
  process: ChildProcess;
  /** All it printed. */
  output(): string;
  /** Resolves when it has ended, with its exit code or signal. */
  ended: Promise<number | string>;
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** The built program as a process of its own; resolves when it is ready. */
export async function startProgram(env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (/ready/i.test(text)) ready.resolve();
    });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  ended.then((how) => ready.reject(new Error(`The program ended with ${how} before it was ready:\n${text}`))).catch(() => undefined);
  await ready.promise;
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> => {
    child.kill(signal);
    return ended;
  };
  return { process: child, output: () => text, ended, stop };
}

/**
 * Listening on 0 and closing again would be shorter, but such a port comes out of the range that the system gives to every outgoing
 * connection, and a parallel test took one between the asking and the use. These lie below that range, a block of them for each process.
 */
export async function freePort(): Promise<number> {
  nextPort = nextPort === undefined || nextPort % BLOCK === BLOCK - 1 ? FIRST_PORT + (process.pid % BLOCKS) * BLOCK : nextPort + 1;
  return (await isFree(nextPort)) ? nextPort : freePort();
}

const FIRST_PORT = 12_000;
const BLOCK = 40;
const BLOCKS = 500;
let nextPort: number | undefined;

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}
