import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { banner } from '../../src/app/banner.js';
import { eventually } from '../support/eventually.js';
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

test("the README's example follows a message from its acceptance to its delivery", async () => {
  mkdirSync(PLACE, { recursive: true });
  const file = join(PLACE, 'live.mjs');
  writeFileSync(file, exampleIn('js').replace('ws://localhost:4000/graphql', `${run.url.replace('http', 'ws')}/graphql`));
  const example = spawn(process.execPath, [file], { env: { API_KEY: TEST_KEY }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void example.kill('SIGKILL'));
  let printed = '';
  example.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await eventually(async () => {
    const { sendMessage } = await run.api.mutate(SEND);
    await eventually(() => {
      const statuses = [...printed.matchAll(new RegExp(`${sendMessage.message.id} (\\w+)`, 'g'))].map(([, status]) => status);
      expect(statuses).toEqual(['QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
    }, 3_000);
  }, 15_000);
});
