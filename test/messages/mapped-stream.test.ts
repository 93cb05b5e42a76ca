import { describe, expect, test } from 'vitest';
import { mapped } from '../../src/messages/mapped-stream.js';

/** Counts, and tells when it was ended. */
function counting(): { items: AsyncGenerator<number, void, undefined>; hasEnded: () => boolean } {
  let ended = false;
  async function* count(): AsyncGenerator<number, void, undefined> {
    try {
      for (let n = 1; n <= 3; n++) yield n;
    } finally {
      ended = true;
    }
  }
  return { items: count(), hasEnded: () => ended };
}

describe('a mapped stream', () => {
  test('hands out what becomes of each item', async () => {
    const { items, hasEnded } = counting();
    const seen: string[] = [];
    for await (const item of mapped(items, async (n) => `no. ${n}`)) seen.push(item);
    expect([seen, hasEnded()]).toEqual([['no. 1', 'no. 2', 'no. 3'], true]);
  });

  test('ends its items when it is left', async () => {
    const { items, hasEnded } = counting();
    for await (const item of mapped(items, (n) => n)) if (item === 1) break;
    expect(hasEnded()).toBe(true);
  });

  test('ends its items when one of them cannot be mapped', async () => {
    const { items, hasEnded } = counting();
    const stream = mapped(items, () => Promise.reject(new Error('the database is away')));
    await expect(stream.next()).rejects.toThrow('the database is away');
    expect(hasEnded()).toBe(true);
  });

  test('passes on the items’ own error', async () => {
    const failing = (async function* (): AsyncGenerator<number, void, undefined> {
      yield 1;
      throw new Error('too slow');
    })();
    const stream = mapped(failing, (n) => n);
    await stream.next();
    await expect(stream.next()).rejects.toThrow('too slow');
  });
});
