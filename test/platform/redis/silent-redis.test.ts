import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChargeReader } from '../../../src/delivery/charge-reader.js';
import type { Dispatcher } from '../../../src/delivery/dispatch.js';
import { DeliveryWorker } from '../../../src/delivery/jobs/delivery.worker.js';
import { LaneQueues } from '../../../src/delivery/jobs/lane-queues.js';
import type { StatusLookUp } from '../../../src/delivery/look-up.js';
import type { Redactions } from '../../../src/delivery/redaction.js';
import { RedisEventBus } from '../../../src/platform/pubsub/redis-event-bus.js';
import { openRedis } from '../../../src/platform/redis/open-redis.js';
import { eventually } from '../../support/eventually.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { testRedis } from '../../support/test-database.js';

const SILENCE_MS = 300;
const log = pino({ level: 'silent' });
const { url, prefix } = testRedis();

let proxy: TcpProxy;
let ended: (() => unknown)[];
beforeEach(async () => {
  proxy = await startTcpProxy(url);
  ended = [];
});
afterEach(async () => {
  for (const end of ended) await end();
  await proxy.close();
});

function open(options = {}): Redis {
  const redis = openRedis(proxy.url, log, { socketTimeout: SILENCE_MS, maxRetriesPerRequest: 1, enableOfflineQueue: false, ...options });
  ended.push(() => redis.disconnect());
  return redis;
}

function busAt(at: string): RedisEventBus {
  const bus = new RedisEventBus(at, prefix, log, SILENCE_MS);
  ended.push(() => bus.close());
  return bus;
}

describe('when Redis has fallen silent', () => {
  test('a client connects again, and keeps nothing of what it could not say', async () => {
    const redis = open({ commandTimeout: 100 });
    await eventually(() => redis.ping());
    proxy.mute();
    const lost = proxy.connections();
    await expect(redis.set(`${prefix}:silent`, 'x'.repeat(1_000_000))).rejects.toThrow('timed out');
    await eventually(() => redis.ping());
    expect(lost.filter((socket) => !socket.destroyed)).toEqual([]);
  });

  test('what is published is heard again soon', async () => {
    const heard: unknown[] = [];
    await busAt(url).subscribe('news', (payload) => heard.push(payload));
    const bus = busAt(proxy.url);
    const publish = () => {
      bus.publish('news', () => heard.length);
      expect(heard.length).toBeGreaterThan(0);
    };
    await eventually(publish);
    proxy.mute();
    heard.length = 0;
    await eventually(publish);
  });

  test('who only listens notices, and hears again', async () => {
    const heard: unknown[] = [];
    await busAt(proxy.url).subscribe('news', (payload) => heard.push(payload));
    proxy.mute();
    const bus = busAt(url);
    await eventually(() => {
      bus.publish('news', () => 1);
      expect(heard.length).toBeGreaterThan(0);
    });
  });

  test('hints reach the queue again', async () => {
    const [silenced, direct] = [proxy.url, url].map((at) => new LaneQueues(at, prefix, log, SILENCE_MS)) as [LaneQueues, LaneQueues];
    ended.push(() => Promise.all([silenced.close(), direct.close()]));
    await eventually(() => silenced.ping());
    proxy.mute();
    await eventually(async () => {
      await silenced.hint([{ tenantId: 't', lane: 'bulk', messageIds: ['m'] }]);
      expect((await direct.figures()).find(({ name }) => name === 'bulk')?.waiting).toBeGreaterThan(0);
    });
  });
});

test('a connection that was cut while it waited does not take the next one with it', async () => {
  const redis = open();
  await eventually(() => redis.ping());
  proxy.delayMs = 100;
  const lost = redis.ping();
  let cuts = 0;
  redis.on('close', () => cuts++);
  proxy.reset();
  proxy.delayMs = 0;
  await lost.catch(() => undefined);
  await eventually(() => redis.ping());
  const until = Date.now() + 2 * SILENCE_MS;
  while (Date.now() < until) await redis.ping();
  expect(cuts).toBe(1);
});

/** Longer than a worker asks Redis to wait for a job. */
const WORKER_SILENCE_MS = 6_000;
const IDLE = { stop: () => undefined, abort: () => undefined } as unknown as Dispatcher;

test('workers that were cut off while they waited come back once, and stay', async () => {
  const queues = new LaneQueues(url, prefix, log);
  const [redactions, charges] = [{} as Redactions, { stop() {} } as ChargeReader];
  const worker = new DeliveryWorker(
    { url: proxy.url, prefix, log },
    IDLE,
    {} as StatusLookUp,
    redactions,
    charges,
    queues,
    WORKER_SILENCE_MS,
  );
  ended.push(async () => worker.stop(0).then(() => queues.close()));
  // One for all, and one for each queue to wait on; two ends each.
  const all = 2 * (1 + queues.all().length);
  await eventually(() => expect(proxy.connections()).toHaveLength(all));
  await pause(500);
  const lost = proxy.connections();
  proxy.reset();
  const returned = () => proxy.connections().filter((socket) => !lost.includes(socket));
  await eventually(() => expect(returned()).toHaveLength(all));
  const back = returned();
  await pause(WORKER_SILENCE_MS + 500);
  expect(back.filter((socket) => socket.destroyed)).toHaveLength(0);
});
