import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { buildApiSchema } from '../../src/app/build-schema.js';
import { RESOLVERS } from '../../src/app/resolvers.js';
import { OPERATION_CASES, type OperationCase } from './operation-cases.js';
import type { World } from './operation-world.js';
import { operationsOf, wholeDocument, type Operation } from './whole-document.js';

const EVERYTHING = 9;

const schema = await buildApiSchema({ resolvers: [...RESOLVERS], instances: new Map(RESOLVERS.map((type) => [type, {}])) });

export const OPERATIONS: ReadonlyMap<string, Operation> = operationsOf(schema);

/** Lists first: they show what was made last. */
export const OPERATION_NAMES: readonly string[] = [...OPERATIONS.keys()].toSorted((a, b) => depthOf(a) - depthOf(b));

function depthOf(name: string): number {
  return OPERATION_CASES[name]?.depth ?? EVERYTHING;
}

/** Of the lists within lists: more would be refused as too much to ask for. */
const MOST_NESTED = 4;

/** Makes all that a call needs, and returns the call; it fails the test unless it does what it is for. */
export async function preparedCall(world: World, name: string, size: number): Promise<() => Promise<void>> {
  const one = OPERATION_CASES[name] as OperationCase;
  const operation = OPERATIONS.get(name) as Operation;
  const variables = await one.given(world, size);
  if (!('first' in variables)) await world.settle();
  const document = wholeDocument(operation, variables, { depth: depthOf(name), page: Math.min(size, MOST_NESTED) });
  if (operation.kind === 'Subscription') return () => told(world, document, variables, one);
  return async () => {
    const { [name]: answer } = await world.api.query(document, variables);
    expect(answer).not.toBeNull();
    expect(answer.userErrors ?? []).toEqual([]);
  };
}

async function told(world: World, document: string, variables: object, { happens }: OperationCase): Promise<void> {
  const subscription = world.api.subscribe(document, { ...variables });
  await subscription.connected;
  // What happens before the server has subscribed is not told.
  const heard = subscription.next(10_000);
  const isHeard = heard.then(() => true);
  // Most often it has by then, and what happens once is told: a second time would count as statements of the first.
  await sleep(300);
  do await happens?.(world);
  while (!(await Promise.race([isHeard, sleep(3_000, false)])));
  expect(await heard).toBeDefined();
  await subscription.close();
}
