import { expect, test } from 'vitest';
import { SIMULATOR_NUMBERS as SHOWN } from '../../playground/simulator-numbers.js';
import { SIMULATOR_NUMBERS } from '../../src/delivery/providers/simulator/simulator-outcomes.js';

test('the playground lists the numbers of the simulator, with what they bring', () => {
  expect(SHOWN).toEqual(SIMULATOR_NUMBERS.map(({ number, meaning }) => ({ number, meaning })));
});
