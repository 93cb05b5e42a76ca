import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { simulatorCommand } from '../../src/cli/commands/simulator.js';
import { Secret } from '../../src/secret.js';
import { built } from '../support/built.js';
import { commandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/program.js';
import { startTestApp } from '../support/test-app.js';

const KEY = 'ab'.repeat(32);
const NEXT_KEY = 'cd'.repeat(32);
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

test('while keys are replaced it takes what is sent with any of them', async () => {
  const port = await freePort();
  const simulator = await startSimulator({ ENCRYPTION_KEY: `${KEY},${NEXT_KEY}` }, '--port', String(port));
  const asked = async (key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${simulatorSecret(new Secret(key)).reveal()}` };
    return (await fetch(`http://127.0.0.1:${port}/counts`, { headers })).status;
  };
  try {
    expect(await Promise.all([KEY, NEXT_KEY, 'ef'.repeat(32)].map(asked))).toEqual([200, 200, 401]);
  } finally {
    await simulator.stop();
  }
});

const heliograph = commandLine([simulatorCommand], () => ({ ENCRYPTION_KEY: '', DATABASE_URL: '' }));

test('without the key of the workers it does not start, and says why', async () => {
  expect(await heliograph('simulator')).toMatchObject({ code: 1, err: expect.stringContaining('Set ENCRYPTION_KEY') });
});

test('a port that is none is refused', async () => {
  expect(await heliograph('simulator', '--port', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('0 to 65535') });
});

test.each([
  [['--port'], 'EADDRINUSE', '127.0.0.1'],
  [['--host', '192.0.2.1', '--port'], 'EADDRNOTAVAIL', '192.0.2.1'],
])('where it cannot listen (%j), it names its own options', async (args, code, host) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  vi.stubEnv('ENCRYPTION_KEY', KEY);
  const said = await heliograph('simulator', ...args, String(port)).finally(() => taken.close());
  const err = `The simulator cannot listen on port ${port} of ${host} (${code}): name others with --port and --host.\n`;
  expect(said).toEqual({ out: '', err, code: 1 });
});
