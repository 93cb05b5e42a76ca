import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { variableErrors } from '../../src/graphql/variable-errors.js';

const schema = buildSchema(`
  input Recipient { to: String! }
  input Send { to: String, recipients: [Recipient!], other: [[Int]] }
  type Query { send(input: Send!, ids: [ID!], first: Int): Boolean }
`);
const [operation] = parse('query ($input: Send!, $ids: [ID!], $first: Int = 5) { send(input: $input, ids: $ids, first: $first) }')
  .definitions as [OperationDefinitionNode];
const messagesOf = (variables: Record<string, unknown>): string[] =>
  variableErrors(schema, operation.variableDefinitions ?? [], variables).map(({ message }) => message);

const LONG = 'No list may have more than 20,000 entries.';

test.each([
  [{ input: {} }, []],
  [{ input: { recipients: [{ to: 'a' }], other: [[1], null] }, ids: null, first: null }, []],
  [{}, ['Variable "$input" of required type "Send!" was not provided.']],
  [{ input: null }, ['Variable "$input" is not valid at "input": Expected non-nullable type "Send!" not to be null.']],
  [{ input: { recipients: [{ to: 'a' }, {}] } }, [expect.stringContaining('at "input.recipients[1]": Field "to" of required type')]],
  [{ input: { other: [[1], ['x']] }, first: 'x' }, [expect.stringContaining('"input.other[1][0]"'), expect.stringContaining('"first"')]],
  [
    { input: { ['a'.repeat(1_000)]: 1 } },
    ['Variable "$input" is not valid at "input": A field with a very long name is not defined by type "Send".'],
  ],
])('of %j is told where and what is wrong', (variables, expected) => {
  expect(messagesOf(variables)).toEqual(expected);
});

test('of what is wrong in thousands of places the first twenty are told, in few words', () => {
  const input = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`name${at}`, 'a value']));
  const told = messagesOf({ input });
  expect(told).toHaveLength(21);
  expect(told.at(-1)).toBe('More of the variables is not valid than these 20 places.');
  expect(told.join('').length).toBeLessThan(4_000);
});

test('a list that no operation takes is not read to its end', () => {
  const recipients = Array.from({ length: 20_001 }, () => ({ to: 'a' }));
  expect(messagesOf({ input: { recipients } })).toEqual([`Variable "$input" is not valid at "input.recipients": ${LONG}`]);
  expect(messagesOf({ input: {}, ids: Array(20_001).fill('1') })).toEqual([`Variable "$ids" is not valid at "ids": ${LONG}`]);
  expect(messagesOf({ input: { recipients: recipients.slice(1) } })).toEqual([]);
});
