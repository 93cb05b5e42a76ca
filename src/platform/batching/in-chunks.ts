/** What comes in parts of any size, in parts of `size`; the last may be shorter, and none is empty. */
export async function* inChunks<Item>(parts: AsyncIterable<readonly Item[]>, size: number): AsyncGenerator<Item[], void, undefined> {
  let chunk: Item[] = [];
  for await (const part of parts)
    for (const item of part)
      if (chunk.push(item) === size) {
        yield chunk;
        chunk = [];
      }
  if (chunk.length > 0) yield chunk;
}
