import { expect, test } from 'vitest';
import { inChunks } from '../../../src/platform/batching/in-chunks.js';

async function* parts(sizes: readonly number[]) {
  let item = 0;
  for (const size of sizes) yield Array.from({ length: size }, () => item++);
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test.each([
  [[], []],
  [[0, 0], []],
  [[3], [3]],
  [
    [1, 1, 1, 1],
    [3, 1],
  ],
  [
    [7, 0, 2],
    [3, 3, 3],
  ],
])('parts of %j items become chunks of %j, in their order', async (sizes, expected) => {
  const chunks = await all(inChunks(parts(sizes), 3));
  expect(chunks.map(({ length }) => length)).toEqual(expected);
  expect(chunks.flat()).toEqual((await all(parts(sizes))).flat());
});
