import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BatchFeed } from '../../src/messages/batch-feed.js';
import type { FeedItem } from '../../src/messages/message-fact.js';
import { fact } from '../support/builders.js';
import { LocalBus } from '../support/local-bus.js';

const TENANT = 'tenant';
const EVERY_MS = 60;

let bus: LocalBus;
let readers: Set<(item: FeedItem) => void>;
let feed: BatchFeed;
let beats: AsyncGenerator<string, void, undefined>;

/** A message of a batch has moved. */
const messageMoves = (batchId: string): void => {
  for (const receive of readers) receive({ fact: fact({}, { batchId }), cursor: '' });
};

beforeEach(() => {
  bus = new LocalBus();
  readers = new Set();
  const messages = {
    join: async (_tenantId: string, receive: (item: FeedItem) => void) => {
      readers.add(receive);
      return () => void readers.delete(receive);
    },
  };
  feed = new BatchFeed(bus, messages, EVERY_MS);
  beats = feed.watch(TENANT, 'b1');
});
afterEach(() => beats.return());

/** How long the next beat takes to come; null when it does not. */
async function nextBeat(patienceMs = 300): Promise<number | null> {
  const began = performance.now();
  const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null));
  return Promise.race([beats.next().then(() => performance.now() - began), late]);
}

describe('whoever watches a batch', () => {
  test('is told at once, and then only when it has moved', async () => {
    expect((await beats.next()).value).toBe('b1');
    expect(await nextBeat()).toBeNull();
  });

  test('is told of a message that moved, and of a pause', async () => {
    await beats.next();
    setTimeout(() => messageMoves('b1'), 100);
    expect(await nextBeat()).toBeGreaterThanOrEqual(90);
    setTimeout(() => feed.changed({ id: 'b1', tenantId: TENANT }), 100);
    expect(await nextBeat()).toBeGreaterThanOrEqual(90);
  });

  test('is not told of other batches', async () => {
    await beats.next();
    messageMoves('b2');
    feed.changed({ id: 'b2', tenantId: TENANT });
    feed.changed({ id: 'b1', tenantId: 'another' });
    expect(await nextBeat()).toBeNull();
  });

  test('is told once of a thousand moves, and not more often than it may be', async () => {
    await beats.next();
    for (let i = 0; i < 1000; i++) messageMoves('b1');
    expect(await nextBeat()).toBeGreaterThanOrEqual(EVERY_MS - 5);
    expect(await nextBeat()).toBeNull();
  });

  test('is told of what moves while it reads', async () => {
    await beats.next();
    messageMoves('b1');
    await beats.next();
    messageMoves('b1');
    expect(await nextBeat()).not.toBeNull();
  });

  test.each([
    ['while it waits for a move', 100],
    ['just after a beat', 1],
  ])('can leave %s, and is forgotten', async (_when, ms) => {
    await beats.next();
    const next = beats.next();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const began = performance.now();
    await beats.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(performance.now() - began).toBeLessThan(40);
    expect([readers.size, bus.listeners]).toEqual([0, 0]);
  });

  test('is forgotten also when the second of its sources fails', async () => {
    bus.subscribe = () => Promise.reject(new Error('gone'));
    await expect(beats.next()).rejects.toThrow('gone');
    expect(readers.size).toBe(0);
  });
});
