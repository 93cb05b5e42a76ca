import { describe, expect, test } from 'vitest';
import { FactQueue } from '../../src/messages/fact-queue.js';

describe('a queue for one reader', () => {
  test('hands out what comes, in order, before and while it is read', async () => {
    const queue = new FactQueue<number>();
    const reading = queue[Symbol.asyncIterator]();
    queue.push(1);
    queue.push(2);
    expect([(await reading.next()).value, (await reading.next()).value]).toEqual([1, 2]);
    const third = reading.next();
    queue.push(3);
    expect((await third).value).toBe(3);
  });

  test('ends a reader that fell too far behind, and keeps nothing for it', async () => {
    const queue = new FactQueue<number>(2);
    for (const one of [1, 2, 3, 4]) queue.push(one);
    await expect(queue[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' });
  });

  test('hands out what was taken before it ran over', async () => {
    const queue = new FactQueue<number>(2);
    const reading = queue[Symbol.asyncIterator]();
    queue.push(1);
    queue.push(2);
    expect((await reading.next()).value).toBe(1);
    for (const one of [3, 4, 5]) queue.push(one);
    expect((await reading.next()).value).toBe(2);
    await expect(reading.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' });
  });

  test('is full again only when as much waits anew', async () => {
    const queue = new FactQueue<number>(2);
    const reading = queue[Symbol.asyncIterator]();
    for (const one of [1, 2, 3, 4, 5, 6]) {
      queue.push(one);
      expect((await reading.next()).value).toBe(one);
    }
  });

  test('begins anew when it ran over, and tells so', async () => {
    const queue = new FactQueue<number>(2);
    expect(queue.restart()).toBe(false);
    for (const one of [1, 2, 3]) queue.push(one);
    expect(queue.restart()).toBe(true);
    queue.push(4);
    expect((await queue[Symbol.asyncIterator]().next()).value).toBe(4);
  });

  test('ends while its reader waits', async () => {
    const queue = new FactQueue<number>();
    const reading = queue[Symbol.asyncIterator]();
    const waiting = reading.next();
    queue.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('ends a reader that waits with the error it is given', async () => {
    const queue = new FactQueue<number>();
    const waiting = queue[Symbol.asyncIterator]().next();
    queue.fail(new Error('away'));
    await expect(waiting).rejects.toThrow('away');
  });

  test('takes and gives nothing after its end', async () => {
    const queue = new FactQueue<number>();
    queue.push(1);
    queue.close();
    queue.push(2);
    expect(await queue[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });
});
