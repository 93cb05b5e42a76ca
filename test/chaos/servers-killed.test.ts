import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { startLoadingRedis } from '../support/loading-redis.js';
import { startMortalServers, type MortalServers } from '../support/mortal-server.js';
import { Prober } from '../support/prober.js';
import { countsAgree, endsWell } from '../support/reckoning.js';
import { scale } from './scale.js';

/** More jobs than the four that a worker takes at once: the others wait in Redis. */
const MESSAGES = scale(2_000, 1_200);
const CRASHES = scale(5, 1);
const AWAY_MS = scale(3_000, 1_000);
const RECOVERS = /the database system is (in recovery mode|starting up|not yet accepting connections)/;

let servers: MortalServers;
let site: Deployment;
beforeAll(async () => {
  servers = await startMortalServers();
  site = await Deployment.start({}, servers.own);
  await site.run('api');
  await site.run('worker,scheduler');
}, 120_000);
afterAll(async () => {
  await site.stop();
  await servers.stop();
});

async function midway(reference: string): Promise<string> {
  const before = site.simulator.takenTotal();
  const batchId = await site.send(MESSAGES, reference);
  await eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(MESSAGES / 10), 60_000, 2);
  return batchId;
}

async function waitingJobs(): Promise<number> {
  const redis = new Redis(site.redis.target);
  const count = await redis.zcard(`${site.env['REDIS_PREFIX']}:bulk:prioritized`);
  redis.disconnect();
  return count;
}

const killedProbes = (name: string): Promise<{ id: string; status: string }[]> =>
  site.rows<{ id: string; status: string }>('select id, status from messages where reference = $1', [name]);

/** Nobody has ended or was started again; each message of the prober is the one that it was told of, and went out once. */
async function recovered(prober: Prober, name: string): Promise<void> {
  for (const { process } of site.programs) expect(process.exitCode).toBeNull();
  const again = await prober.sendAgain();
  const told = prober.sendings.map(({ key, messageId }, index) => ({ key, messageId: messageId ?? again[index]?.messageId }));
  expect(again).toEqual(told);
  await eventually(
    async () => expect(new Set((await killedProbes(name)).map(({ status }) => status))).toEqual(new Set(['DELIVERED'])),
    60_000,
  );
  const stored = await killedProbes(name);
  expect(stored.map(({ id }) => id).toSorted()).toEqual(again.map(({ messageId }) => messageId ?? 'none').toSorted());
  expect(new Set(stored.map(({ id }) => site.simulator.taken(id)))).toEqual(new Set([1]));
  await countsAgree(site.postgres.target);
}

describe(`in the middle of ${MESSAGES} messages`, () => {
  test('Redis is killed, loads, and has forgotten everything: all is accepted meanwhile, and goes out once', async () => {
    const batchId = await midway('redis-killed');
    const loading = await startLoadingRedis();
    const prober = new Prober(site, 'redis-probe');
    expect(await waitingJobs()).toBeGreaterThan(0);
    await servers.redis.kill();
    await pause(AWAY_MS);
    site.redis.target = loading.url;
    await pause(AWAY_MS);
    // Clients come back ever more slowly, on a machine with much to do later than this.
    await eventually(async () => expect(loading.refused).toBeGreaterThan(0), 30_000);
    await servers.redis.revive();
    site.redis.target = servers.redis.url;
    await loading.close();
    await endsWell(site, batchId, MESSAGES);
    await prober.stop();
    expect([[...prober.queries], [...prober.mutations], [...prober.webhooks]]).toEqual([['OK'], ['OK'], [200]]);
    await recovered(prober, 'redis-probe');
  }, 240_000);

  test('PostgreSQL crashes and recovers, and is killed and started again: UNAVAILABLE meanwhile, each message once', async () => {
    const batchId = await midway('postgres-killed');
    const prober = new Prober(site, 'postgres-probe');
    for (let crash = 0; crash < CRASHES; crash++) {
      await servers.postgres.killOne();
      await pause(AWAY_MS);
    }
    await servers.postgres.kill();
    await pause(AWAY_MS);
    await servers.postgres.revive();
    site.postgres.target = servers.postgres.url;
    await endsWell(site, batchId, MESSAGES);
    await prober.stop();
    expect(await servers.postgres.log('postgres')).toMatch(RECOVERS);
    expect(prober.queries).toEqual(new Set(['OK', 'UNAVAILABLE']));
    expect(prober.mutations).toEqual(new Set(['OK', 'UNAVAILABLE']));
    expect(prober.webhooks).toEqual(new Set([200, 503]));
    await recovered(prober, 'postgres-probe');
  }, 240_000);
});
