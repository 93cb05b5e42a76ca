import { describe, expect, test } from 'vitest';
import { SharedReads } from '../../src/messages/shared-reads.js';

const here = (): boolean => false;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads that end when they are told to. */
function reader() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const read = (name: string) => (): Promise<string> => {
    begun.push(name);
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    return end.promise;
  };
  return {
    begun,
    read,
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

describe('reads that many ask for', () => {
  test('are done once, also for who asks a little later', async () => {
    const { begun, read, end } = reader();
    const reads = new SharedReads();
    const both = Promise.all([reads.get('a', here, read('a')), reads.get('a', here, read('a'))]);
    end('a');
    expect([...(await both), await reads.get('a', here, read('a'))]).toEqual(['a', 'a', 'a']);
    expect(begun).toEqual(['a']);
  });

  test('are done two at a time, in turn', async () => {
    const { begun, read, end } = reader();
    const reads = new SharedReads();
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => reads.get(name, here, read(name))));
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await turn();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd']) await turn().then(() => end(name));
    expect(await all).toEqual(['a', 'b', 'c', 'd']);
  });

  test('that fail give their place on, and are done again', async () => {
    const { begun, read, fail, end } = reader();
    const reads = new SharedReads();
    for (const name of ['a', 'b', 'c', 'a']) {
      const asked = reads.get(name, here, read(name));
      fail(name);
      await expect(asked).rejects.toThrow(name);
    }
    const last = reads.get('d', here, read('d'));
    end('d');
    expect([await last, begun]).toEqual(['d', ['a', 'b', 'c', 'a', 'd']]);
  });

  test('are not done when all who asked have left meanwhile', async () => {
    const { begun, read, end } = reader();
    const reads = new SharedReads();
    const left = new Set<string>();
    const ask = (name: string, asker: string) => reads.get(name, () => left.has(asker), read(name));
    const asked = Promise.all([ask('a', '1'), ask('b', '2'), ask('c', '3'), ask('c', '4'), ask('d', '3')]);
    left.add('3');
    end('a');
    await turn();
    end('b');
    end('c');
    expect(await asked).toEqual(['a', 'b', 'c', 'c', null]);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('are done for who asks just when they are given up', async () => {
    const { begun, read, end } = reader();
    const reads = new SharedReads();
    const before = ['a', 'b'].map((name) => reads.get(name, here, read(name)));
    let late: Promise<string | null> | undefined;
    const leaving = (): boolean => {
      late ??= reads.get('c', here, read('c'));
      return true;
    };
    const given = reads.get('c', leaving, read('c'));
    end('a');
    expect([await before[0], await given]).toEqual(['a', null]);
    await turn();
    end('c');
    expect([await late, begun]).toEqual(['c', ['a', 'b', 'c']]);
  });
});
