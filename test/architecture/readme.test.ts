import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { banner } from '../../src/app/banner.js';
import { buildApp, type RunningConfig } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { eventually } from '../support/eventually.js';
import { given } from '../support/given.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

const README = readFileSync('README.md', 'utf8');
const SEND = 'mutation { sendMessage(input: { to: "+14155550100", body: "Hello" }) { message { id } } }';
/** Below the repository, so that imports find its packages. */
const PLACE = 'node_modules/.cache/readme';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const exampleIn = (language: string): string => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(README)?.[1] ?? '';

test('the README shows what the start prints', () => {
  const adminKey = { key: 'hg_demo_…', origin: 'kept in /srv/heliograph/.heliograph/api-key' };
  expect(README).toContain(banner({ url: 'http://localhost:4000', tenant: 'demo', adminKey, simulated: true }).trim());
});

/** Runs the example against this server; returns what it has printed of a message so far. */
function startExample(url: string): (id: string) => string[] {
  mkdirSync(PLACE, { recursive: true });
  const file = join(PLACE, 'live.mjs');
  writeFileSync(file, exampleIn('js').replace('ws://localhost:4000/graphql', `${url.replace('http', 'ws')}/graphql`));
  const example = spawn(process.execPath, [file], { env: { API_KEY: TEST_KEY }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void example.kill('SIGKILL'));
  let printed = '';
  example.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  return (id) => [...printed.matchAll(new RegExp(`${id} (\\w+)`, 'g'))].map(([, status]) => status ?? '');
}

/** What it prints of a message that is sent once it listens. */
const printedOfOne = (statusesOf: (id: string) => string[]): Promise<string[]> =>
  eventually(async () => {
    const { sendMessage } = await run.api.mutate(SEND);
    await eventually(() => expect(statusesOf(sendMessage.message.id)).toHaveLength(4), 3_000);
    return statusesOf(sendMessage.message.id);
  }, 15_000);

test("the README's example follows a message from its acceptance to its delivery", async () => {
  const statusesOf = startExample(run.url);
  expect(await printedOfOne(statusesOf)).toEqual(['QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
});

test("the README's example misses nothing where its process could not reach the database for a while", async () => {
  const database = await startTcpProxy(run.env['DATABASE_URL'] ?? '');
  const config = readConfig({ ...run.env, DATABASE_URL: database.url, ROLES: 'api' }) as RunningConfig;
  const other = await buildApp(config, pino({ level: 'silent' }));
  onTestFinished(() => other.stop().then(() => database.close()));
  const statusesOf = startExample((await other.start()).url ?? '');
  await printedOfOne(statusesOf);
  database.shut();
  const { id } = await given.delivered(run.api);
  database.open();
  await eventually(() => expect(statusesOf(id)).toEqual(expect.arrayContaining(['QUEUED', 'SENDING', 'DELIVERED'])), 10_000);
});
