import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import type { Fault } from '../support/provider-proxy.js';
import type { Program } from '../support/program.js';
import { endsWell, resolutionsOf } from '../support/reckoning.js';
import { scale } from './scale.js';

const MESSAGES = scale(2_000, 600);
const ROUNDS = scale(10, 2);
/** Calls of a tenth of a second: whenever a worker is killed, it has asked for something that it has not heard of. */
const ANSWER_MS = 100;

let site: Deployment;
let worker: Program;
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
  await site.run('scheduler');
  worker = await site.run('worker');
}, 60_000);
afterAll(() => site.stop());

/** Sends, and kills the worker once the provider has taken so many and is asked for more; another one takes its place. Returns the batch's id. */
async function killedAt(moment: number, reference: string): Promise<string> {
  const before = site.simulator.takenTotal();
  const batchId = await site.send(MESSAGES, reference);
  const comes = (): void => {
    expect(site.simulator.takenTotal() - before).toBeGreaterThan(moment);
    expect(site.provider.underWay).toBeGreaterThan(0);
  };
  await eventually(comes, 60_000, 2);
  expect(await site.kill(worker)).toBe('SIGKILL');
  worker = await site.run('worker');
  return batchId;
}

describe('a worker that is killed at a random moment', () => {
  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'loses no message and doubles none (round %i)',
    async (round) => {
      const before = site.simulator.takenTotal();
      const { abandoned } = site.provider;
      site.provider.answerMs = ANSWER_MS;
      const batchId = await killedAt(Math.floor(Math.random() * MESSAGES * 0.8), `killed-${round}`);
      site.provider.answerMs = 0;
      await endsWell(site, batchId, MESSAGES);
      expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
      expect(site.provider.abandoned, 'calls that were under way when it was killed').toBeGreaterThan(abandoned);
    },
    240_000,
  );

  test('while the provider answers nothing leaves that to receipts and look-ups', async () => {
    const before = site.simulator.takenTotal();
    // Half of the calls: with more the circuit would open, and nothing be under way.
    const silences: Fault[] = ['hang', 'pass', 'swallow', 'pass', 'cut', 'pass'];
    let calls = 0;
    site.provider.decide = () => silences[calls++ % silences.length] ?? 'pass';
    const batchId = await killedAt(MESSAGES / 4, 'unanswered');
    site.provider.decide = () => 'pass';
    await endsWell(site, batchId, MESSAGES);
    expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
    const resolutions = await resolutionsOf(site, batchId);
    expect(resolutions).toEqual({ WEBHOOK: expect.any(Number), POLL: expect.any(Number) });
  }, 240_000);
});
