import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { scale } from './scale.js';

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start({ MAX_ATTEMPTS: '10', PROVIDER_TIMEOUT_SECONDS: '2', RETRY_OUTAGE_SECONDS: '0.05' });
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());
beforeEach(() => {
  site.provider.decide = () => 'pass';
  site.provider.delayMs = 0;
});

const MESSAGES = scale(1_000, 100);

async function sendAll(reference: string): Promise<void> {
  const before = site.simulator.takenTotal();
  const batchId = await site.send(MESSAGES, reference);
  await site.delivered(batchId, MESSAGES, 180_000);
  expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
}

const circuit = async (): Promise<string> => (await site.api.query('{ providers { circuit } }')).providers[0].circuit;

describe('a provider', () => {
  test('that refuses 30 % of the calls still takes each message exactly once', async () => {
    site.provider.decide = () => (Math.random() < 0.3 ? 'refuse' : 'pass');
    await sendAll('refused');
  }, 240_000);

  test('that limits us in storms still takes each message exactly once', async () => {
    const began = Date.now();
    site.provider.decide = () => (Math.floor((Date.now() - began) / 1_000) % 2 === 0 && Date.now() - began < 6_000 ? 'limit' : 'pass');
    await sendAll('limited');
  }, 240_000);

  test('whose answers are cut, taken or not, still takes each message exactly once', async () => {
    site.provider.decide = () => (Math.random() < 0.15 ? (Math.random() < 0.5 ? 'cut' : 'lose') : 'pass');
    await sendAll('cut');
  }, 240_000);

  test('that answers later than we wait still takes each message exactly once', async () => {
    let calls = 0;
    site.provider.decide = () => {
      site.provider.delayMs = ++calls % 40 === 0 ? 10_000 : 0;
      return 'pass';
    };
    await sendAll('slow');
    expect(calls).toBeGreaterThanOrEqual(MESSAGES);
  }, 240_000);

  test('that fails altogether opens the circuit, and closes it when it works again', async () => {
    site.provider.decide = () => 'refuse';
    const batchId = await site.send(MESSAGES, 'down');
    await eventually(async () => expect(await circuit()).toBe('OPEN'), 30_000, 200);
    site.provider.decide = () => 'pass';
    await eventually(async () => expect(await circuit()).toBe('CLOSED'), 120_000, 200);
    await site.delivered(batchId, MESSAGES, 120_000);
  }, 300_000);
});
