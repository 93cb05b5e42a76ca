import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATION_NAMES, OPERATIONS, preparedCall } from '../support/ask-operation.js';
import { OPERATION_CASES } from '../support/operation-cases.js';
import { World } from '../support/operation-world.js';
import { statementCount } from '../support/statements.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Rows of a list, recipients of a batch, messages of a person. */
const [FEW, MANY] = [3, 40];
/** What a loader gathers may come to it in two parts, and settings be forgotten meanwhile. */
const SLACK = 2;

let run: TestApp;
let world: World;
const ofFew = new Map<string, number>();
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  world = await World.make(run, FEW);
  for (const name of OPERATION_NAMES) ofFew.set(name, await countOf(name, FEW));
  await world.grow(10);
}, 180_000);
afterAll(() => run.stop());

const countOf = (name: string, size: number): Promise<number> => statementCount(() => preparedCall(world, name, size));

test('every operation of the schema has a case, and there is no other', () => {
  expect(Object.keys(OPERATION_CASES).toSorted()).toEqual([...OPERATIONS.keys()].toSorted());
});

/** Each is asked for everything that hangs on its answer. */
describe('the number of SQL statements does not grow with the number of rows', () => {
  test.each(OPERATION_NAMES)('of %s', async (name) => {
    const ofMany = await countOf(name, MANY);
    expect(ofMany).toBeLessThanOrEqual((ofFew.get(name) ?? 0) + SLACK);
    expect(ofMany).toBeLessThanOrEqual(OPERATION_CASES[name]?.atMost ?? 0);
  });
});
