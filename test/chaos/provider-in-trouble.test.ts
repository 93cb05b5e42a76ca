import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { endsWell } from '../support/reckoning.js';
import { scale } from './scale.js';

const MESSAGES = scale(1_000, 100);
/** Longer than a call is waited for. */
const LATE_MS = scale(10_000, 4_000);
const LATE_EVERY = 20;

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start({ MAX_ATTEMPTS: '10', PROVIDER_TIMEOUT_SECONDS: '2', RETRY_OUTAGE_SECONDS: '0.05' });
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());
beforeEach(() => Object.assign(site.provider, { decide: () => 'pass', delayMs: 0, answerMs: 0, lateMs: LATE_MS }));

async function sendAll(reference: string): Promise<void> {
  const batchId = await site.send(MESSAGES, reference);
  await endsWell(site, batchId, MESSAGES, 180_000);
}

const circuit = async (): Promise<string> => (await site.api.query('{ providers { circuit } }')).providers[0].circuit;

describe('a provider', () => {
  test('that refuses 30 % of the calls still takes each message exactly once', async () => {
    site.provider.decide = () => (Math.random() < 0.3 ? 'refuse' : 'pass');
    await sendAll('refused');
    expect(site.provider.met.refuse).toBeGreaterThan(MESSAGES / 10);
  }, 240_000);

  test('that limits us in storms still takes each message exactly once', async () => {
    let began = Infinity;
    site.provider.decide = () => {
      began = Math.min(began, Date.now());
      const elapsed = Date.now() - began;
      return Math.floor(elapsed / 1_000) % 2 === 0 && elapsed < 6_000 ? 'limit' : 'pass';
    };
    await sendAll('limited');
    expect(site.provider.met.limit).toBeGreaterThan(0);
  }, 240_000);

  test('whose answers are cut, taken or not, still takes each message exactly once', async () => {
    let calls = 0;
    site.provider.decide = () => (++calls % 13 === 0 ? 'cut' : calls % 13 === 6 ? 'lose' : 'pass');
    await sendAll('cut');
    const { cut, lose } = site.provider.met;
    expect(Math.min(cut, lose)).toBeGreaterThanOrEqual(Math.floor(MESSAGES / 13));
  }, 240_000);

  test('that answers some calls later than we wait still takes each message exactly once', async () => {
    let calls = 0;
    site.provider.decide = () => (++calls % LATE_EVERY === 0 ? 'late' : 'pass');
    await sendAll('some-late');
    expect(site.provider.met.late).toBeGreaterThanOrEqual(MESSAGES / LATE_EVERY);
    expect(site.provider.lateToNobody).toBe(site.provider.met.late);
  }, 240_000);

  test('that fails altogether opens the circuit, and closes it when it works again', async () => {
    const before = site.simulator.takenTotal();
    site.provider.decide = () => 'refuse';
    const batchId = await site.send(MESSAGES, 'down');
    await eventually(async () => expect(await circuit()).toBe('OPEN'), 30_000, 200);
    expect(site.simulator.takenTotal() - before).toBe(0);
    site.provider.decide = () => 'pass';
    await eventually(async () => expect(await circuit()).toBe('CLOSED'), 120_000, 200);
    await endsWell(site, batchId, MESSAGES);
  }, 300_000);
});
