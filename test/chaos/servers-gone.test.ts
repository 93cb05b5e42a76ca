import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { endsWell } from '../support/reckoning.js';
import { scale } from './scale.js';

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());

/** Ten jobs, of which the worker takes four at once: the others wait in Redis. */
const MESSAGES = 2_000;
const SLOW_MESSAGES = scale(2_000, 100);
const SLOW_MS = 200;
const RESETS = scale(5, 2);
/** A claim is a dozen round trips, and what a reset leaves behind waits for its lease to end. */
const SLOW_PATIENCE_MS = scale(400_000, 120_000);

async function midway(reference: string): Promise<{ batchId: string; before: number }> {
  const before = site.simulator.takenTotal();
  const batchId = await site.send(MESSAGES, reference);
  await eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(MESSAGES / 10), 60_000, 2);
  return { batchId, before };
}

/** Deletes every key of this site's: other tests share the server. Returns how many jobs of messages waited among them. */
async function empty(): Promise<number> {
  const redis = new Redis(site.redis.target);
  const prefix = site.env['REDIS_PREFIX'];
  const keys = await redis.keys(`${prefix}*`);
  const [waiting, deleted] = (await redis.multi().zcard(`${prefix}:bulk:prioritized`).del(keys).exec()) ?? [];
  redis.disconnect();
  expect(deleted?.[1]).toBeGreaterThan(0);
  return Number(waiting?.[1]);
}

describe(`in the middle of ${MESSAGES} messages`, () => {
  test('Redis is emptied: each message still goes out once', async () => {
    const { batchId, before } = await midway('emptied');
    expect(await empty()).toBeGreaterThan(1);
    await endsWell(site, batchId, MESSAGES);
    expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
  }, 180_000);

  test('a message is accepted while Redis is away, and goes out when it is back', async () => {
    site.redis.shut();
    const before = site.simulator.takenTotal();
    const batchId = await site.send(3, 'accepted-without-redis');
    await pause(1_000);
    expect(site.simulator.takenTotal() - before).toBe(0);
    site.redis.open();
    await endsWell(site, batchId, 3);
  }, 120_000);

  test('both connections are slow and reset: each message still goes out once', async () => {
    site.postgres.delayMs = site.redis.delayMs = SLOW_MS;
    const before = site.simulator.takenTotal();
    const batchId = await site.send(SLOW_MESSAGES, 'slow');
    for (let cut = 1; cut <= RESETS; cut++) {
      const some = (cut * SLOW_MESSAGES) / (RESETS + 2);
      await eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(some), SLOW_PATIENCE_MS, 10);
      site.postgres.reset();
      site.redis.reset();
    }
    await endsWell(site, batchId, SLOW_MESSAGES, SLOW_PATIENCE_MS);
    site.postgres.delayMs = site.redis.delayMs = 0;
    expect(site.simulator.takenTotal() - before).toBe(SLOW_MESSAGES);
  }, 570_000);
});
