import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

const BUILT = join(process.cwd(), 'dist-bench/processes');
const WAIT_MS = 60_000;
const END_MS = 15_000;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function keep(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', (code, signal) => {
    if (children.delete(child)) console.error(`${child.spawnargs.at(-1)} (${child.pid}) has ended by itself: ${code ?? signal}`);
  });
  return child;
}

/** One of bench/processes/*.ts, which talks over IPC. It ends when this process does, however that ends. */
export const startHelper = (name: string, env: Record<string, string> = {}): ChildProcess =>
  keep(
    fork(join(BUILT, `${name}.js`), {
      env: { ...process.env, NODE_ENV: 'production', ...env },
      execArgv: ['--import', join(BUILT, 'end-with-parent.js')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    }),
  );

/** The program itself, as it is deployed. With BENCH_PROFILE its processes leave CPU profiles in that folder. */
export function startProgram(env: Record<string, string>): ChildProcess {
  const profile = process.env['BENCH_PROFILE'];
  return keep(
    fork(join(process.cwd(), 'dist/main.js'), {
      env: { NODE_ENV: 'production', PATH: process.env['PATH'], ...env },
      execArgv: ['--import', join(BUILT, 'end-with-parent.js'), ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
}

/** The program with the role api, once it answers. */
export async function startApi(env: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startProgram({ ROLES: 'api', ...env, PORT: String(port), PUBLIC_URL: url });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`The program ended with ${child.exitCode}.`);
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return { child, url };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Its next message. Rejects when it ends, or when none comes in time. */
export async function message<T>(child: ChildProcess, withinMs = WAIT_MS): Promise<T> {
  const stop = new AbortController();
  const { signal } = stop;
  const next = once(child, 'message', { signal }).then(([value]) => value as T);
  const ended = once(child, 'exit', { signal }).then(([code, killed]): never => {
    throw new Error(`${child.spawnargs.at(-1)} ended with ${String(code ?? killed)}.`);
  });
  const late = once(AbortSignal.timeout(withinMs), 'abort', { signal }).then((): never => {
    throw new Error(`${child.spawnargs.at(-1)} said nothing for ${withinMs / 1000} s.`);
  });
  for (const one of [next, ended, late]) one.catch(() => undefined);
  try {
    return await Promise.race([next, ended, late]);
  } finally {
    stop.abort();
  }
}

export async function ask<T>(child: ChildProcess, question: unknown, withinMs = WAIT_MS): Promise<T> {
  const answer = message<T>(child, withinMs);
  child.send(question as never);
  return answer;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  children.delete(child);
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(force);
}

/** What a row has left behind. */
export async function endAll(): Promise<void> {
  const left = [...children];
  children.clear();
  await Promise.all(
    left.map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }),
  );
}

export async function until(check: () => Promise<boolean>, { everyMs = 50, withinMs = WAIT_MS } = {}): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Nothing came of it within ${withinMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
