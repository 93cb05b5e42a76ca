import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { OperationGate } from '../../src/graphql/operation-gate.js';
import { DEFAULT_LIMITS } from '../../src/graphql/query-limits.js';

const gate = (): OperationGate => new OperationGate(buildSchema('type Query { health: Int }'), DEFAULT_LIMITS, true);

test('a document that may run is read once', () => {
  const door = gate();
  expect(door.read('{ health }')).toBe(door.read('{ health }'));
});

test('a document that is refused is not kept, whatever its size', () => {
  const door = gate();
  for (const query of ['{ nonsense }', '{ health', `{ ${'health '.repeat(3_000)} }`]) expect(door.read(query)).not.toBe(door.read(query));
});

test('large documents push the oldest out', () => {
  const door = gate();
  const first = door.read('{ health }');
  for (const name of ['A', 'B']) door.read(`query ${name} { health } #${'x'.repeat(600_000)}`);
  expect(door.read('{ health }')).not.toBe(first);
});
