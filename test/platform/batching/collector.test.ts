import { describe, expect, test } from 'vitest';
import { Collector } from '../../../src/platform/batching/collector.js';

type Options = ConstructorParameters<typeof Collector<string>>[0];

/** A collector that remembers the groups it was given. */
function collecting(options: Partial<Options> = {}): { collector: Collector<string>; groups: string[][] } {
  const groups: string[][] = [];
  const { work = async () => undefined, maxItems = 3, ...rest } = options;
  const collector = new Collector<string>({
    maxItems,
    maxWaitMs: 5,
    concurrency: 1,
    worthAnother: maxItems,
    isFinal: () => false,
    ...rest,
    work: (items) => {
      groups.push(items);
      return work(items);
    },
  });
  return { collector, groups };
}

const all = (collector: Collector<string>, items: string): Promise<PromiseSettledResult<void>[]> =>
  Promise.allSettled([...items].map((item) => collector.add(item)));

const outcomes = (results: PromiseSettledResult<void>[]): string[] =>
  results.map((result) => (result.status === 'fulfilled' ? 'done' : (result.reason as Error).message));

describe('a collector', () => {
  test('does what arrives together in one group', async () => {
    const { collector, groups } = collecting();
    expect(outcomes(await all(collector, 'ab'))).toEqual(['done', 'done']);
    expect(groups).toEqual([['a', 'b']]);
  });

  test('does not wait once a group is full', async () => {
    const { collector, groups } = collecting({ maxWaitMs: 60_000 });
    await all(collector, 'abc');
    expect(groups).toEqual([['a', 'b', 'c']]);
  });

  test('gathers larger groups while as many are under way as may be', async () => {
    const first = Promise.withResolvers<void>();
    const { collector, groups } = collecting({ maxItems: 2, work: ([item]) => (item === 'a' ? first.promise : Promise.resolve()) });
    const done = all(collector, 'abcde');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(groups).toEqual([['a', 'b']]);
    first.resolve();
    await done;
    expect(groups).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  test('works on several groups at once where it may', async () => {
    const both = Promise.withResolvers<void>();
    let running = 0;
    const { collector } = collecting({
      maxItems: 1,
      concurrency: 2,
      work: async () => {
        if (++running === 2) both.resolve();
        await both.promise;
      },
    });
    expect(outcomes(await all(collector, 'ab'))).toEqual(['done', 'done']);
  });

  test('begins another group beside one that is under way only when it is worth it', async () => {
    const first = Promise.withResolvers<void>();
    const work = ([item]: string[]): Promise<void> => (item === 'a' ? first.promise : Promise.resolve());
    const { collector, groups } = collecting({ concurrency: 2, maxItems: 10, worthAnother: 3, work });
    const done = [collector.add('a')];
    await new Promise((resolve) => setTimeout(resolve, 20));
    done.push(collector.add('b'), collector.add('c'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(groups).toEqual([['a']]);
    done.push(collector.add('d'));
    expect(groups).toEqual([['a'], ['b', 'c', 'd']]);
    first.resolve();
    await Promise.all(done);
  });

  test('does the items of a failed group one by one, and fails the bad ones only', async () => {
    const { collector, groups } = collecting({
      work: async (items) => {
        if (items.includes('b')) throw new Error('b is bad');
      },
    });
    expect(outcomes(await all(collector, 'abc'))).toEqual(['done', 'b is bad', 'done']);
    expect(groups).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  test('fails the whole group at once when trying alone would not help', async () => {
    const { collector, groups } = collecting({
      isFinal: () => true,
      work: () => Promise.reject(new Error('the database is away')),
    });
    expect(outcomes(await all(collector, 'abc'))).toEqual(Array(3).fill('the database is away'));
    expect(groups).toHaveLength(1);
  });

  test('goes on after a failure', async () => {
    let failures = 1;
    const { collector } = collecting({
      work: async () => {
        if (failures-- > 0) throw new Error('once');
      },
    });
    expect(outcomes(await all(collector, 'a'))).toEqual(['once']);
    expect(outcomes(await all(collector, 'a'))).toEqual(['done']);
  });

  test('is idle when nothing waits and nothing runs, and does not wait for its timer', async () => {
    const { collector, groups } = collecting({ maxWaitMs: 60_000 });
    await collector.idle();
    const done = all(collector, 'ab');
    await collector.idle();
    expect(groups).toEqual([['a', 'b']]);
    expect(outcomes(await done)).toEqual(['done', 'done']);
  });
});
