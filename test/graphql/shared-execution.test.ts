import { buildSchema, parse, type ExecutionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { NothingToTell, SharedExecution } from '../../src/graphql/shared-execution.js';

const schema = buildSchema('type Query { none: Int } type Subscription { change: Change } type Change { list(first: Int): Int! }');
const document = parse('subscription ($first: Int = 3) { change { list(first: $first) } }');
const argsWith = (variableValues: Record<string, unknown>): ExecutionArgs => ({
  schema,
  document,
  variableValues,
  contextValue: { caller: { tenantId: 't1', role: 'ADMIN' }, loaders: new Map() },
});
/** An event of which `list` is asked. */
const eventOf = (list: (args: { first: number | null }) => number): object => ({ change: { list } });

test('a variable that is left out takes its default, which null does not', async () => {
  const shared = new SharedExecution();
  const event = eventOf(({ first }) => first ?? -1);
  expect(await shared.run(argsWith({}), event)).toEqual({ data: { change: { list: 3 } } });
  expect(await shared.run(argsWith({ first: null }), event)).toEqual({ data: { change: { list: -1 } } });
});

test('what says only which events come makes no difference', async () => {
  const shared = new SharedExecution();
  const event = eventOf(() => 7);
  expect(shared.run(argsWith({ first: 5 }), event)).toBe(shared.run(argsWith({ after: 'x', first: 5 }), event));
});

test('an event that could not be read is read again for who comes to it later', async () => {
  const shared = new SharedExecution();
  let reads = 0;
  const event = eventOf(() => {
    if (++reads > 1) return 7;
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  });
  const together = await Promise.allSettled([shared.run(argsWith({}), event), shared.run(argsWith({}), event)]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await shared.run(argsWith({}), event)).toEqual({ data: { change: { list: 7 } } });
  expect(reads).toBe(2);
});

test('an event of which there is nothing to tell is left out for all, and read once', async () => {
  const shared = new SharedExecution();
  let reads = 0;
  const event = {
    change: () => {
      reads++;
      throw new NothingToTell();
    },
  };
  expect(await Promise.all([shared.run(argsWith({}), event), shared.run(argsWith({}), event)])).toEqual([null, null]);
  expect(await shared.run(argsWith({}), event)).toBeNull();
  expect(reads).toBe(1);
});
