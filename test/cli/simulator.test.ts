import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { simulatorCommand } from '../../src/cli/commands/simulator.js';
import { built } from '../support/built.js';
import { commandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/program.js';
import { startTestApp } from '../support/test-app.js';

const KEY = 'ab'.repeat(32);
const SEND = `mutation { sendMessage(input: { to: "+14155550100", body: "Hello" }) { message { id } } }`;

/** The command as a process of its own, which says where it listens. */
async function startSimulator(env: Record<string, string>, ...args: string[]) {
  await built();
  const child = spawn(process.execPath, ['dist/cli/heliograph.js', 'simulator', ...args], { env: { PATH: process.env['PATH'], ...env } });
  const [line] = (await once(child.stderr, 'data')) as [Buffer];
  const stop = async (): Promise<number> => {
    child.kill('SIGTERM');
    return (await once(child, 'exit'))[0] as number;
  };
  return { line: line.toString(), stop };
}

test('the simulator by itself takes what workers send, tells what became of it, and ends when it is told to', async () => {
  const port = await freePort();
  const simulator = await startSimulator({ ENCRYPTION_KEY: KEY, SIMULATOR_SPEED: '200' }, '--port', String(port));
  expect(simulator.line).toBe(`The simulator is ready on http://127.0.0.1:${port}\n`);
  const run = await startTestApp({ SIMULATOR_URL: `http://127.0.0.1:${port}` });
  try {
    await run.api.mutate(SEND);
    await eventually(async () => {
      const { messages } = await run.api.query('{ messages(first: 1) { nodes { status } } }');
      expect(messages.nodes).toEqual([{ status: 'DELIVERED' }]);
    });
    expect(run.simulator.takenTotal()).toBe(0);
  } finally {
    await run.stop();
    expect(await simulator.stop()).toBe(0);
  }
});

const heliograph = commandLine([simulatorCommand], () => ({ ENCRYPTION_KEY: '', DATABASE_URL: '' }));

test('without the key of the workers it does not start, and says why', async () => {
  expect(await heliograph('simulator')).toMatchObject({ code: 1, err: expect.stringContaining('Set ENCRYPTION_KEY') });
});

test('a port that is none is refused', async () => {
  expect(await heliograph('simulator', '--port', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('0 to 65535') });
});
