import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BatchFeed } from '../../src/messages/batch-feed.js';
import type { BatchRow } from '../../src/messages/batch.row.js';
import { WatchedBatches } from '../../src/messages/watched-batches.js';
import { newBatch } from '../../src/messages/new-batch.js';
import type { FeedItem } from '../../src/messages/message-fact.js';
import { fact } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { LocalBus } from '../support/local-bus.js';

const TENANT = 'tenant';
const EVERY_MS = 60;
const AGAIN_MS = 500;
const TERMS = { name: 'n', channels: [], category: 'UTILITY', topic: null, maxCost: null } as unknown as Parameters<typeof newBatch>[1];

let bus: LocalBus;
let readers: Set<(item: FeedItem) => void>;
let stored: BatchRow;
let cost: string;
/** When the batch was read. */
let reads: number[];
let isDown: boolean;
let feed: BatchFeed;
let watched: WatchedBatches;
let open: AsyncIterableIterator<BatchRow>[];

beforeEach(() => {
  bus = new LocalBus();
  readers = new Set();
  const messages = {
    join: async (_tenantId: string, receive: (item: FeedItem) => void) => {
      readers.add(receive);
      return () => void readers.delete(receive);
    },
  };
  stored = { ...newBatch(TENANT, TERMS, new Date()), id: 'b1' };
  [reads, isDown, open, cost] = [[], false, [], '1'];
  const find = async ({ tenantId }: { tenantId: string }, id: string): Promise<BatchRow | null> => {
    reads.push(performance.now());
    if (isDown) throw new Error('away');
    return tenantId === TENANT && id === 'b1' ? { ...stored } : null;
  };
  feed = new BatchFeed(bus, messages);
  const costs = async ([batchId = '']: readonly string[]) => [{ batchId, currency: 'USD', amount: cost }];
  watched = new WatchedBatches(feed, { find, costs }, pino({ level: 'silent' }), { everyMs: EVERY_MS, againMs: AGAIN_MS });
});
afterEach(async () => {
  for (const one of open) await one.return?.();
  await forgotten();
});

const forgotten = (): Promise<void> => eventually(async () => expect([readers.size, bus.listeners]).toEqual([0, 0]));

async function watch(): Promise<AsyncIterableIterator<BatchRow>> {
  const one = await watched.open({ tenantId: TENANT }, 'b1');
  open.push(one);
  return one;
}

/** A message of a batch has moved. */
const messageMoves = (batchId: string): void => {
  for (const receive of readers) receive({ fact: fact({}, { batchId }), cursor: '' });
};
const batchMoves = (tenantId = TENANT, id = 'b1'): void => feed.changed({ id, tenantId });

/** What comes next, and after how long; null when nothing does. */
async function next(one: AsyncIterableIterator<BatchRow>, patienceMs = 300): Promise<{ batch: BatchRow; ms: number } | null> {
  const began = performance.now();
  const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null));
  return Promise.race([one.next().then(({ value }) => ({ batch: value as BatchRow, ms: performance.now() - began })), late]);
}

describe('whoever watches a batch', () => {
  test('is told at once, and then only when it has moved', async () => {
    const one = await watch();
    expect((await next(one))?.batch).toEqual(stored);
    expect(await next(one)).toBeNull();
  });

  test('is told of a message that moved, and of a pause', async () => {
    const one = await watch();
    await next(one);
    setTimeout(() => messageMoves('b1'), 100);
    expect((await next(one))?.ms).toBeGreaterThanOrEqual(90);
    setTimeout(() => batchMoves(), 100);
    expect((await next(one))?.ms).toBeGreaterThanOrEqual(90);
  });

  test('is not told of other batches', async () => {
    const one = await watch();
    await next(one);
    messageMoves('b2');
    batchMoves(TENANT, 'b2');
    batchMoves('another');
    expect(await next(one)).toBeNull();
  });

  test('is told once of a thousand moves, and not more often than it may be', async () => {
    const one = await watch();
    await next(one);
    for (let i = 0; i < 1000; i++) messageMoves('b1');
    expect(await next(one)).not.toBeNull();
    for (let i = 0; i < 1000; i++) messageMoves('b1');
    expect(await next(one)).not.toBeNull();
    expect(await next(one)).toBeNull();
    const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    // Timers are of whole milliseconds.
    expect([gaps.length, Math.min(...gaps) >= EVERY_MS - 2]).toEqual([2, true]);
  });

  test('is told of what no publication brought, and of nothing else', async () => {
    const one = await watch();
    await next(one);
    bus.isLosing = true;
    stored.status = 'COMPLETED';
    batchMoves();
    expect((await next(one, 10 * AGAIN_MS))?.batch.status).toBe('COMPLETED');
    const before = reads.length;
    expect(await next(one, 2.5 * AGAIN_MS)).toBeNull();
    expect(reads.length).toBeGreaterThan(before);
  });

  test('is told of a price that comes after the last status, and once', async () => {
    const one = await watch();
    await next(one);
    cost = '2';
    expect(await next(one, 10 * AGAIN_MS)).not.toBeNull();
    expect(await next(one, 2.5 * AGAIN_MS)).toBeNull();
  });

  test('is told of a move that could not be read at once', async () => {
    const one = await watch();
    await next(one);
    isDown = true;
    messageMoves('b1');
    await eventually(async () => expect(reads.length).toBeGreaterThan(2));
    isDown = false;
    expect(await next(one)).not.toBeNull();
  });

  test('can leave while it waits, and is forgotten', async () => {
    const one = await watch();
    await next(one);
    const waiting = one.next();
    await one.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await forgotten();
    const before = reads.length;
    expect([await next(one, 2 * AGAIN_MS), reads.length]).toEqual([{ batch: undefined, ms: expect.any(Number) }, before]);
  });
});

describe('many who watch the same batch', () => {
  test('get the same object, which was read once for all', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, watch));
    const first = await Promise.all(all.map(async (one) => (await next(one))?.batch));
    expect([new Set(first).size, reads.length]).toEqual([1, 1]);
    messageMoves('b1');
    const second = await Promise.all(all.map(async (one) => (await next(one))?.batch));
    expect([new Set(second).size, reads.length, second[0] === first[0]]).toEqual([1, 2, false]);
  });

  test('are all told of what no publication brought, also those who came later', async () => {
    const early = await watch();
    await next(early);
    bus.isLosing = true;
    await new Promise((resolve) => setTimeout(resolve, 2 * EVERY_MS));
    stored.status = 'PAUSED';
    const late = await watch();
    expect((await next(late))?.batch.status).toBe('PAUSED');
    expect((await next(early, 10 * AGAIN_MS))?.batch.status).toBe('PAUSED');
    expect(await next(late, 2 * AGAIN_MS)).toBeNull();
  });

  test('are told on when some of them leave', async () => {
    const [one, other] = [await watch(), await watch()];
    await next(one);
    await next(other);
    await one.return?.();
    messageMoves('b1');
    expect(await next(other)).not.toBeNull();
  });
});

describe('nobody is left behind', () => {
  test('where there is no such batch', async () => {
    await expect(watched.open({ tenantId: TENANT }, 'b2')).rejects.toThrow('no such batch');
    await expect(watched.open({ tenantId: 'another' }, 'b1')).rejects.toThrow('no such batch');
  });

  test('when the second of its sources fails', async () => {
    bus.subscribe = () => Promise.reject(new Error('gone'));
    await expect(watch()).rejects.toThrow('gone');
  });
});
