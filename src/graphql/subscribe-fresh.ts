import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { SharedExecution } from './shared-execution.js';

const shared = new SharedExecution();

const isStream = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

/**
 * graphql-js' subscribe, except that each event is executed with loaders of its own (one context for the whole life of a
 * subscription would answer from what was loaded for its first event), and once for all equal subscribers. What cannot be
 * read for an event ends the subscription.
 */
export async function subscribeFresh(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!isStream(source)) return source;
  const events = source[Symbol.asyncIterator]();
  const answer = async (step: Promise<IteratorResult<unknown>>): Promise<IteratorResult<ExecutionResult>> => {
    for (let event = await step; !event.done; event = await events.next())
      try {
        const value = await shared.run(args, event.value);
        if (value) return { done: false, value };
      } catch (error) {
        // Whoever iterates takes an error for the end, and does not end the source.
        await events.return?.();
        throw error;
      }
    return { done: true, value: undefined };
  };
  // Not an async generator: its `return` would wait for the next event before it ends the source.
  const results = {
    next: () => answer(events.next()),
    return: async () => {
      await events.return?.();
      return { done: true as const, value: undefined };
    },
    throw: (error: unknown) => (events.throw ? answer(events.throw(error)) : Promise.reject(error)),
    [Symbol.asyncIterator]: () => results,
    [Symbol.asyncDispose]: async () => void (await results.return()),
  };
  return results;
}
