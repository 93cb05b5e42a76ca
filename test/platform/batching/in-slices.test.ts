import { describe, expect, test } from 'vitest';
import { inSlices } from '../../../src/platform/batching/in-slices.js';

const at = (second: number): Date => new Date(second * 1000);

/** Longer than a slice, so that another turn is needed for each. */
function long(): void {
  for (const until = performance.now() + 5; performance.now() < until;);
}

describe('long work in slices', () => {
  test('looks at each item once, in order', async () => {
    const seen: string[] = [];
    await inSlices(['a', 'b', 'c'], at(1), (item, index) => {
      long();
      seen.push(`${index}${item}`);
    });
    expect(seen).toEqual(['0a', '1b', '2c']);
  });

  test('is over early for the request that began first, and does not stand still for the others', async () => {
    const order: string[] = [];
    const request = (name: string, began: Date): Promise<void> =>
      inSlices(Array(12).fill(name) as string[], began, (item) => {
        long();
        order.push(item);
      });
    await Promise.all([request('y', at(3)), request('o', at(1)), request('z', at(2))]);
    const whenOver = order.slice(0, order.lastIndexOf('o'));
    const left = (name: string): number => 12 - whenOver.filter((item) => item === name).length;
    expect([left('y'), left('z')].every((count) => count > 4 && count < 12)).toBe(true);
  });

  test('that is short waits for none that is long', async () => {
    const seen: string[] = [];
    const longOne = inSlices(['long', 'long', 'long'], at(1), (item) => {
      long();
      seen.push(item);
    });
    await inSlices(['short', 'short'], at(2), (item) => seen.push(item));
    expect(seen).toEqual(['long', 'short', 'short']);
    await longOne;
  });

  test('lets others hear and answer in between', async () => {
    let heard = 0;
    const hearing = setInterval(() => heard++, 1);
    await inSlices([1, 2, 3, 4, 5], at(1), long);
    clearInterval(hearing);
    expect(heard).toBeGreaterThan(1);
  });

  test('that fails ends there, and the others go on', async () => {
    const seen: number[] = [];
    const failing = inSlices([1, 2, 3], at(1), (item) => {
      long();
      if (item === 2) throw new Error('no');
      seen.push(item);
    });
    const other = inSlices([7, 8, 9], at(2), (item) => {
      long();
      seen.push(item);
    });
    await expect(failing).rejects.toThrow('no');
    await other;
    expect(seen).toEqual([1, 7, 8, 9]);
  });
});
