/** Passes `return` on at once; an async generator around the items would only end with its next item. */
export function mapped<T, U>(items: AsyncGenerator<T, void, undefined>, map: (item: T) => U | Promise<U>): AsyncIterableIterator<U> {
  const iterator: AsyncIterableIterator<U> = {
    next: async () => {
      const step = await items.next();
      if (step.done) return { done: true, value: undefined };
      try {
        return { done: false, value: await map(step.value) };
      } catch (error) {
        // Whoever iterates takes an error for the end, and does not end the items.
        await items.return();
        throw error;
      }
    },
    return: async () => {
      await items.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
