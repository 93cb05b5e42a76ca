import { describe, expect, test, vi } from 'vitest';
import { Places } from '../../src/delivery/places.js';
import type { Lane } from '../../src/messages/lane.js';

/** Takes places and remembers in which order they were given. */
function queueAt(places: Places): { given: [string, number][]; take(lane: Lane, wanted: number, name?: string): Promise<void> } {
  const given: [string, number][] = [];
  const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));
  return {
    given,
    take: (lane, wanted, name = lane) => {
      void places.take(lane, wanted).then((count) => given.push([name, count]));
      return settle();
    },
  };
}

const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('places', () => {
  test('are given as wanted while there are enough', async () => {
    const { given, take } = queueAt(new Places(64));
    await take('bulk', 10);
    await take('transactional', 46);
    expect(given).toEqual([
      ['bulk', 10],
      ['transactional', 46],
    ]);
  });

  test('are given in part to those who want more than there are', async () => {
    const { given, take } = queueAt(new Places(64));
    await take('bulk', 200);
    expect(given).toEqual([['bulk', 56]]);
  });

  test('are kept back for codes, an eighth of them', async () => {
    const { given, take } = queueAt(new Places(64));
    await take('bulk', 200);
    await take('transactional', 1);
    await take('otp', 8);
    expect(given).toEqual([
      ['bulk', 56],
      ['otp', 8],
    ]);
  });

  test('are given to codes before all who wait, one by one as they become free', async () => {
    const places = new Places(8);
    const { given, take } = queueAt(places);
    await take('otp', 8, 'first');
    await take('bulk', 5, 'campaign');
    await take('otp', 3, 'code');
    places.give(1);
    await settled();
    expect(given.slice(1)).toEqual([['code', 1]]);
  });

  test('are given to others in groups that are worth a transaction', async () => {
    const places = new Places(16);
    const { given, take } = queueAt(places);
    await take('bulk', 14);
    await take('bulk', 10, 'next');
    places.give(3);
    await settled();
    expect(given).toHaveLength(1);
    places.give(1);
    await settled();
    expect(given.at(-1)).toEqual(['next', 4]);
  });

  test('are given in turn', async () => {
    const places = new Places(8);
    const { given, take } = queueAt(places);
    await take('bulk', 7, 'first');
    await take('bulk', 1, 'second');
    await take('transactional', 1, 'third');
    places.give(2);
    await settled();
    expect(given.map(([name]) => name)).toEqual(['first', 'second', 'third']);
  });

  test('are enough for one at a time where there is but one', async () => {
    const places = new Places(1);
    const { given, take } = queueAt(places);
    await take('bulk', 5, 'a');
    await take('bulk', 5, 'b');
    places.give(1);
    await settled();
    expect(given).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  test('are more than the connections while the provider answers fast, and as many again after a rest', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const places = new Places(64);
    const { given, take } = queueAt(places);
    for (let ms = 0; ms <= 300; ms++) {
      await take('bulk', 2);
      vi.advanceTimersByTime(1);
      places.answered();
      places.answered();
    }
    await take('bulk', 1000);
    expect(given.at(-1)?.[1]).toBeGreaterThan(200);
    vi.advanceTimersByTime(10_000);
    for (let count = 0; count < (given.at(-1)?.[1] ?? 0); count++) places.answered();
    await take('bulk', 1000, 'after a rest');
    expect(given.at(-1)).toEqual(['after a rest', 56]);
    vi.useRealTimers();
  });
});
