import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from './embedded-error.js';
import { logTail } from './log-tail.js';
import type { Account } from './postgres-account.js';

/**
 * The server is the child of a shell that waits for the end of a pipe which only we hold open. We close it to stop the
 * server; the system closes it when we are killed with -9. Either way the shell passes the stop signal on.
 */
const GUARD = `
signal=$1
shift
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -s "$signal" "$server"; } &
wait "$server"
code=$?
kill "$!" 2>/dev/null
exit "$code"
`;

/** Nothing of ours: a server has no business with our secrets, and PGPORT and the like would change what it does. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const RETRY_MS = 20;

export interface ServerCommand {
  program: string;
  args: string[];
  stopSignal: 'INT' | 'TERM';
  logFile: string;
  account?: Account | null;
}

/** A server that ends with this process. It has a session of its own, so that Ctrl-C reaches it only through `stop`. */
export class SupervisedServer {
  /** Resolves when the server has ended, asked or not. */
  readonly ended: Promise<void>;
  readonly #guard: ChildProcess;
  readonly #logFile: string;
  readonly #logStart: number;
  #running = true;

  constructor({ program, args, stopSignal, logFile, account }: ServerCommand) {
    const log = openSync(logFile, 'a', 0o600);
    this.#logFile = logFile;
    this.#logStart = fstatSync(log).size;
    this.#guard = spawn('/bin/sh', ['-c', GUARD, 'heliograph', stopSignal, program, ...args], {
      cwd: '/',
      detached: true,
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', log, log, 'pipe'],
      uid: account?.uid,
      gid: account?.gid,
    });
    closeSync(log);
    this.#guard.stdio[3]?.on('error', () => undefined);
    this.ended = new Promise<void>((resolve) => {
      this.#guard.once('exit', () => resolve());
      this.#guard.once('error', (error) => {
        appendFileSync(logFile, `${error.message}\n`);
        resolve();
      });
    }).then(() => {
      this.#running = false;
      this.#guard.stdio[3]?.destroy();
    });
  }

  /** Repeats `attempt` until it succeeds; rejects with its last failure once the server has ended or the time is up. */
  async becomeReady(withinMs: number, attempt: () => Promise<void>): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      try {
        return await attempt();
      } catch (failure) {
        if (!this.#running || Date.now() > deadline || failure instanceof EmbeddedError) throw failure;
      }
      await sleep(RETRY_MS);
    }
  }

  async stop(): Promise<void> {
    this.#guard.stdio[3]?.destroy();
    await this.ended;
  }

  /** The end of what the server has written since this start. */
  lastWords(): string {
    return logTail(this.#logFile, this.#logStart);
  }
}
