import { Command, CommanderError } from 'commander';
import { afterEach, beforeEach, vi } from 'vitest';

/** What a person at a terminal sees, and the exit code: 1 too where the command was called wrongly. */
export interface Said {
  out: string;
  err: string;
  code: number;
}

/** The command line with these commands, under the settings that `env` gives before each test. */
export function commandLine(
  commands: ((program: Command) => void)[],
  env: () => Record<string, string>,
): (...args: string[]) => Promise<Said> {
  beforeEach(() => {
    for (const [name, value] of Object.entries(env())) vi.stubEnv(name, value);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  return (...args) => run(commands, args);
}

async function run(commands: ((program: Command) => void)[], args: string[]): Promise<Said> {
  const seen = { out: '', err: '' };
  const into = (where: 'out' | 'err') => (text: string | Uint8Array, written?: unknown) => {
    seen[where] += String(text);
    if (typeof written === 'function') written();
    return true;
  };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
  const program = new Command('heliograph').exitOverride().configureOutput({ writeErr: (text) => (seen.err += text) });
  for (const add of commands) add(program);
  // Commands take over the settings of their parent only when they are made; the exits of these are made errors here.
  for (const group of program.commands)
    for (const command of [group, ...group.commands]) command.exitOverride().configureOutput({ writeErr: (text) => (seen.err += text) });
  const isWrong = await program
    .parseAsync(args, { from: 'user' })
    .then(() => false, refused)
    .finally(() => [out, err].forEach((stream) => stream.mockRestore()));
  const code = isWrong ? 1 : Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { ...seen, code };
}

function refused(error: unknown): true {
  if (error instanceof CommanderError) return true;
  throw error;
}
