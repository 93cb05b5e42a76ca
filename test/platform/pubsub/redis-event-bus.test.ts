import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedisEventBus } from '../../../src/platform/pubsub/redis-event-bus.js';
import { eventually } from '../../support/eventually.js';
import { MessageQueue } from '../../support/message-queue.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { testRedis } from '../../support/test-database.js';

let redis: Redis;
let buses: RedisEventBus[];
let one: RedisEventBus;
let another: RedisEventBus;
let proxy: TcpProxy;
/** Its Redis can be taken away. */
let distant: RedisEventBus;
const { url, prefix } = testRedis();

const open = (at = url): RedisEventBus => {
  const bus = new RedisEventBus(at, prefix, pino({ level: 'silent' }));
  buses.push(bus);
  return bus;
};
beforeEach(async () => {
  redis = new Redis(url);
  buses = [];
  proxy = await startTcpProxy(url);
  [one, another, distant] = [open(), open(), open(proxy.url)];
  await Promise.all(buses.map(speaks));
});
afterEach(async () => {
  for (const bus of buses) bus.close();
  redis.disconnect();
  await proxy.close();
});

/** Every process hears of listeners in the order in which they come. */
async function arrived(bus: RedisEventBus): Promise<void> {
  const heard = queue();
  await bus.subscribe('listeners', (channel) => heard.push(channel));
  void bus.subscribe('after', () => undefined);
  while ((await heard.next()) !== `${prefix}:after`);
}

/** A bus that is not connected yet loses what it is told. */
async function speaks(bus: RedisEventBus): Promise<void> {
  const heard = queue();
  const topic = `speaks ${buses.indexOf(bus)}`;
  const leave = await bus.subscribe(topic, (payload) => heard.push(payload));
  const saying = setInterval(() => bus.publish(topic, () => 1), 5);
  await heard.next();
  clearInterval(saying);
  await leave();
}

const queue = (): MessageQueue<unknown> => new MessageQueue();

describe('the event bus', () => {
  test('brings to every process what one has published', async () => {
    const [here, there] = [queue(), queue()];
    await one.subscribe('news', (payload) => here.push(payload));
    await another.subscribe('news', (payload) => there.push(payload));
    another.publish('news', () => ({ at: new Date(0), list: [1, null] }));
    const expected = { at: '1970-01-01T00:00:00.000Z', list: [1, null] };
    expect([await here.next(), await there.next()]).toEqual([expected, expected]);
  });

  test('keeps topics, and programs with another prefix, apart', async () => {
    const got = queue();
    await one.subscribe('news', (payload) => got.push(payload));
    another.publish('sports', () => 1);
    await redis.publish(`other:news`, '2');
    another.publish('news', () => 3);
    expect(await got.next()).toBe(3);
  });

  test('does not say "subscribed" to the second of two before Redis has', async () => {
    const got = queue();
    const [first, second] = [one.subscribe('news', () => undefined), one.subscribe('news', (payload) => got.push(payload))];
    await second;
    await redis.publish(`${prefix}:news`, '1');
    expect(await got.next()).toBe(1);
    await first;
  });

  test('brings nothing to those who have left, and goes on for those who stay', async () => {
    const [left, stays] = [queue(), queue()];
    const leave = await one.subscribe('news', (payload) => left.push(payload));
    await one.subscribe('news', (payload) => stays.push(payload));
    await leave();
    another.publish('news', () => 1);
    expect(await stays.next()).toBe(1);
    await left.expectSilence(10);
  });

  test('brings everything again to those who left and came back at once', async () => {
    const got = queue();
    const leave = await one.subscribe('news', () => undefined);
    const left = leave();
    await one.subscribe('news', (payload) => got.push(payload));
    await left;
    await redis.publish(`${prefix}:news`, '1');
    expect(await got.next()).toBe(1);
  });

  test('is silent for a moment where nobody was there to hear, and not once somebody has come', async () => {
    const [published, got] = [queue(), queue()];
    const monitor = await redis.monitor();
    monitor.on('monitor', (_time, [command, channel, payload]: string[]) => {
      if (command === 'publish' && channel === `${prefix}:news`) published.push(Number(payload));
    });
    another.publish('news', () => 1);
    expect(await published.next()).toBe(1);
    await redis.ping();
    const unheard = vi.fn<() => number>();
    another.publish('news', unheard);
    expect(unheard).not.toHaveBeenCalled();
    await one.subscribe('news', (payload) => got.push(payload));
    await arrived(another);
    another.publish('news', () => 3);
    expect([await got.next(), await published.next()]).toEqual([3, 3]);
    monitor.disconnect();
  });

  test('writes out one part of a group that nobody hears', async () => {
    const made = vi.fn<() => number>();
    for (let part = 0; part < 50; part++) another.publish('news', made);
    another.publish('end', () => 'end');
    await redis.ping();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(made).toHaveBeenCalledTimes(1);
  });

  test('brings all parts of a group in their order, though it did not know whether anybody hears', async () => {
    const got = queue();
    await one.subscribe('news', (payload) => got.push(payload));
    const parts = Array.from({ length: 50 }, (_, part) => part);
    for (const part of parts) another.publish('news', () => part);
    const brought: unknown[] = [];
    while (brought.length < parts.length) brought.push(await got.next());
    expect(brought).toEqual(parts);
  });

  test('tells Redis when nobody listens any more', async () => {
    const leave = await one.subscribe('quiet', () => undefined);
    await leave();
    await expect.poll(() => redis.pubsub('NUMSUB', `${prefix}:quiet`)).toEqual([`${prefix}:quiet`, 0]);
  });

  test('survives what it does not understand, and receivers that fail', async () => {
    const got = queue();
    await one.subscribe('news', () => {
      throw new Error('not for me');
    });
    await one.subscribe('news', (payload) => got.push(payload));
    await redis.publish(`${prefix}:news`, '{not json');
    another.publish('news', () => 'fine');
    expect(await got.next()).toBe('fine');
  });

  test('subscribes again by itself after Redis has cut the connection', async () => {
    const got = queue();
    await distant.subscribe('news', (payload) => got.push(payload));
    proxy.reset();
    await expect.poll(() => redis.pubsub('NUMSUB', `${prefix}:news`)).toEqual([`${prefix}:news`, 0]);
    await expect.poll(() => redis.pubsub('NUMSUB', `${prefix}:news`)).toEqual([`${prefix}:news`, 1]);
    await redis.publish(`${prefix}:news`, '1');
    expect(await got.next()).toBe(1);
  });
});

describe('who listens is told that something may be missing', () => {
  test('once Redis is back, whether it listened before or began meanwhile', async () => {
    const [before, meanwhile] = [queue(), queue()];
    await distant.subscribe(
      'news',
      () => undefined,
      () => before.push(1),
    );
    proxy.shut();
    await eventually(() => expect(proxy.connections()).toEqual([]));
    await distant.subscribe(
      'sports',
      () => undefined,
      () => meanwhile.push(1),
    );
    await Promise.all([before, meanwhile].map((none) => none.expectSilence(10)));
    proxy.open();
    expect([await before.next(), await meanwhile.next()]).toEqual([1, 1]);
  });

  test('once Redis answers, where it began while Redis stood still', async () => {
    const [missed, got] = [queue(), queue()];
    proxy.hold();
    await distant.subscribe('news', got.push.bind(got), () => missed.push(1));
    another.publish('news', () => 'unheard');
    await missed.expectSilence(10);
    proxy.release();
    expect(await missed.next()).toBe(1);
    await arrived(another);
    another.publish('news', () => 'heard');
    expect(await got.next()).toBe('heard');
  });

  test('when another could not publish, on the topic that it was about', async () => {
    const [got, here, there, others] = [queue(), queue(), queue(), queue()];
    await one.subscribe('news', got.push.bind(got), () => here.push(1));
    await one.subscribe('sports', () => undefined, others.push.bind(others, 1));
    await distant.subscribe(
      'news',
      () => undefined,
      () => there.push(1),
    );
    proxy.shut();
    await eventually(() => expect(proxy.connections()).toEqual([]));
    distant.publish('news', () => 'lost');
    proxy.open();
    expect([await here.next(), await there.next()]).toEqual([1, 1]);
    await Promise.all([got, others].map((none) => none.expectSilence(50)));
  });

  test('when another got no answer from a Redis that stood still and never closed the connection', async () => {
    const [here, others] = [queue(), queue()];
    await one.subscribe(
      'news',
      () => undefined,
      () => here.push(1),
    );
    await one.subscribe('sports', () => undefined, others.push.bind(others, 1));
    proxy.hold();
    for (const part of ['asks', 'dropped']) distant.publish('news', () => part);
    // As long as an answer is waited for.
    await new Promise((resolve) => setTimeout(resolve, 2_050));
    proxy.release();
    expect(await here.next()).toBe(1);
    await others.expectSilence(50);
  });
});

describe('without Redis', () => {
  test('a subscription begins all the same, after a moment, and can be left', async () => {
    const away = open('redis://127.0.0.1:1');
    const began = performance.now();
    const leave = await away.subscribe('news', () => undefined);
    expect(performance.now() - began).toBeLessThan(3_000);
    await expect(leave()).resolves.toBeUndefined();
  });

  test('a publication is lost and nothing else', async () => {
    expect(() => open('redis://127.0.0.1:1').publish('news', () => 1)).not.toThrow();
  });
});
