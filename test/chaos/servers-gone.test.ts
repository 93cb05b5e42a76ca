import { Redis } from 'ioredis';
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

const MESSAGES = scale(2_000, 400);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function midway(reference: string): Promise<{ batchId: string; before: number }> {
  const before = site.simulator.takenTotal();
  const batchId = await site.send(MESSAGES, reference);
  await eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(MESSAGES / 10), 60_000, 2);
  return { batchId, before };
}

async function endsWell({ batchId, before }: { batchId: string; before: number }): Promise<void> {
  await site.delivered(batchId, MESSAGES, 120_000);
  expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
}

/** Every key of this site's: other tests share the server. */
async function empty(): Promise<void> {
  const redis = new Redis(site.redis.target);
  const keys = await redis.keys(`${site.env['REDIS_PREFIX']}*`);
  if (keys.length > 0) await redis.del(keys);
  redis.disconnect();
}

describe('in the middle of 2,000 messages', () => {
  test('Redis is emptied: each message still goes out once', async () => {
    const run = await midway('emptied');
    await empty();
    await endsWell(run);
  }, 180_000);

  test('Redis is gone for seconds and comes back empty: each message still goes out once', async () => {
    const run = await midway('redis-gone');
    site.redis.shut();
    await empty();
    await pause(3_000);
    site.redis.open();
    await endsWell(run);
  }, 180_000);

  test('a message is accepted while Redis is away, and goes out when it is back', async () => {
    site.redis.shut();
    const before = site.simulator.takenTotal();
    const batchId = await site.send(3, 'accepted-without-redis');
    await pause(1_000);
    expect(site.simulator.takenTotal() - before).toBe(0);
    site.redis.open();
    await site.delivered(batchId, 3, 60_000);
  }, 120_000);

  test('PostgreSQL is gone for seconds: the api says UNAVAILABLE meanwhile, and all recovers by itself', async () => {
    const run = await midway('postgres-gone');
    site.postgres.shut();
    await pause(500);
    const { code } = await site.api.execute('{ messages(first: 1) { nodes { id } } }');
    expect(code).toBe('UNAVAILABLE');
    await pause(2_000);
    site.postgres.open();
    await endsWell(run);
  }, 180_000);

  test('both connections are slow and reset: each message still goes out once', async () => {
    site.postgres.delayMs = site.redis.delayMs = 200;
    const before = site.simulator.takenTotal();
    const batchId = await site.send(scale(500, 100), 'slow');
    for (let cut = 0; cut < 3; cut++) {
      await pause(1_500);
      site.postgres.reset();
      site.redis.reset();
    }
    site.postgres.delayMs = site.redis.delayMs = 0;
    await site.delivered(batchId, scale(500, 100), 120_000);
    expect(site.simulator.takenTotal() - before).toBe(scale(500, 100));
  }, 240_000);

  test('the api is killed right after it accepted: what it accepted goes out', async () => {
    const before = site.simulator.takenTotal();
    // Its queue is out of reach, which is what dying between commit and hint looks like from outside.
    site.redis.shut();
    const batchId = await site.send(50, 'api-killed');
    const api = [...site.programs][0];
    if (api) await site.kill(api);
    site.redis.open();
    await site.run('api');
    await site.delivered(batchId, 50, 60_000);
    expect(site.simulator.takenTotal() - before).toBe(50);
  }, 120_000);
});
