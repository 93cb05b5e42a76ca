import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { scale } from './scale.js';

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());

const MESSAGES = scale(2_000, 600);
const ROUNDS = scale(10, 2);

describe('a worker that is killed at a random moment', () => {
  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'loses no message and doubles none (round %i)',
    async (round) => {
      const before = site.simulator.takenTotal();
      const victim = await site.run('worker');
      const batchId = await site.send(MESSAGES, `killed-${round}`);
      const moment = Math.floor(Math.random() * MESSAGES * 0.8);
      await eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(moment), 60_000, 2);
      await site.kill(victim);
      await site.delivered(batchId, MESSAGES, 120_000);
      expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
    },
    240_000,
  );
});

describe('a worker that is told to stop under load', () => {
  test('drains in time, and leaves nothing UNCONFIRMED', async () => {
    const before = site.simulator.takenTotal();
    const leaving = await site.run('worker');
    const batchId = await site.send(MESSAGES, 'drained');
    await eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(MESSAGES / 10), 60_000, 2);
    const began = Date.now();
    expect(await site.kill(leaving, 'SIGTERM')).toBe(0);
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(await site.counts(batchId)).not.toHaveProperty('UNCONFIRMED');
    await site.delivered(batchId, MESSAGES, 60_000);
    expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
  }, 120_000);
});
