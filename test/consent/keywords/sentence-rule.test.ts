import { expect, test } from 'vitest';
import { ruleMatcher } from '../../../src/consent/keywords/sentence-rule.js';

const GROUPS = { me: ['me', 'us'], list: ['your list'] };

test('a group in brackets may be left out', () => {
  const matches = ruleMatcher('remove <me> [<list>]', GROUPS);
  expect(['remove us', 'remove me your list', 'remove', 'remove your list'].map(matches)).toEqual([true, true, false, false]);
});

test.each(['remove <me> [from <list>]', 'remove [<me>', 'remove <me>]', 'remove [me]', 'remove <me', 'remove me>', 'remove [<me><list>]'])(
  'a rule with a bracket that is not understood is refused: %s',
  (rule) => {
    expect(() => ruleMatcher(rule, GROUPS)).toThrow(JSON.stringify(rule));
  },
);

test('a rule that names a group which is not there is refused', () => {
  expect(() => ruleMatcher('remove <you>', GROUPS)).toThrow('you');
});
