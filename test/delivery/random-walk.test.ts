import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { chargesOf } from '../../src/messages/message-cost.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { idTime, newId } from '../../src/platform/ids.js';
import { countsAgree } from '../support/reckoning.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { storeBatch } from './test-provider.js';
import { Dice } from './walk/dice.js';
import { Walk } from './walk/walk.js';

/** Each is a story of its own, which is told again by the same seed. `WALK_SEEDS=1000-1100` searches others. */
const SEEDS = seedsOf(process.env['WALK_SEEDS'] ?? '1-3');
const STEPS = 80;

function seedsOf(range: string): number[] {
  const [first = 1, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

// Ids never go back: those of the files that come after this one would be as far ahead as the clock of the walks.
afterAll(() => void vi.resetModules());

const GOOD: readonly string[] = ['DELIVERED', 'READ'];

describe.each(SEEDS)('whatever happens to messages, in whatever order (%i)', (seed) => {
  let store: TestStore;
  let walk: Walk;
  let rows: MessageRow[];
  beforeAll(async () => {
    // Ids never go back. A clock that did would make rows of one day with ids of the next.
    vi.useFakeTimers({ toFake: ['Date'], now: idTime(newId()) });
    store = await openTestStore();
    walk = new Walk(store, new Dice(seed), await storeBatch(store, 'RUNNING'));
    for (let step = 0; step < STEPS; step++) await walk.step();
    await walk.settle();
    rows = await walk.rows();
  });
  afterAll(async () => {
    vi.useRealTimers();
    await store.close();
  });

  test('each comes to an end', () => {
    const open = rows.filter(({ status }) => ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED'].includes(status));
    expect(rows.length).toBeGreaterThan(0);
    expect(open).toEqual([]);
  });

  test('the provider is never asked again for what may still arrive, unless a person says so', () => {
    expect(walk.provider.calls.length).toBeGreaterThan(0);
    expect(walk.askedTwice).toEqual([]);
  });

  test('what the provider says that it has delivered is delivered, and nothing else', () => {
    for (const { id, status } of rows) {
      const told = walk.provider.callsOf(id).flatMap((call) => [...call.told]);
      expect([id, GOOD.includes(status)]).toEqual([id, told.some((one) => one !== null && GOOD.includes(one))]);
    }
  });

  test('each call is charged once, where its price was told in time', () => {
    for (const row of rows) {
      const priced = walk.provider.callsOf(row.id).filter(({ isPriced }) => isPriced === 'in time');
      const charged = chargesOf(row).map(({ amount }) => Number(amount).toFixed(3));
      expect([row.id, charged.toSorted()]).toEqual([row.id, priced.map(({ price }) => price)]);
    }
  });

  test('its events lead from one status to the next, up to that of the message, and never back in time', async () => {
    for (const row of rows) {
      const events = (await store.events(row.id)).filter(({ applied }) => applied);
      expect(events.map(({ previousStatus }) => previousStatus)).toEqual([null, ...events.slice(0, -1).map(({ status }) => status)]);
      expect(events.at(-1)?.status).toBe(row.status);
      expect(events.map(({ at }) => at.getTime())).toEqual(events.map(({ at }) => at.getTime()).toSorted((a, b) => a - b));
    }
  });

  test('the message says when it became what it is, holds no error of before, and waits for nothing', () => {
    for (const { status, sentAt, deliveredAt, readAt, failedAt, errorKind, errorMessage, hintAt, leaseUntil } of rows) {
      const isGood = GOOD.includes(status);
      expect([status, deliveredAt !== null, readAt !== null]).toEqual([status, isGood, status === 'READ']);
      expect([status, failedAt !== null, hintAt]).toEqual([status, status === 'FAILED', null]);
      const taken = isGood || status === 'SENT' ? [sentAt !== null, errorKind, errorMessage] : [true, null, null];
      expect([status, ...taken]).toEqual([status, true, null, null]);
      expect([status, status !== 'SENT' && leaseUntil]).toEqual([status, status === 'SENT' ? false : null]);
    }
  });

  test('batches and statistics count what there is', async () => {
    await expect(countsAgree(store.url)).resolves.toBeUndefined();
  });
});
