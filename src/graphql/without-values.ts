import type { GraphQLError } from 'graphql';

/** graphql-js quotes what it was given in its messages; numbers and texts of people do not belong into the error logs of clients. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^Value ".*" does not exist in "(\w+)" enum\..*$/s, 'Expected a value of the enum "$1".'],
  [/^Enum "(\w+)" cannot represent .*$/s, 'Expected a value of the enum "$1".'],
  [/^(\w+) cannot represent .*$/s, 'Expected a valid $1.'],
  [/^Expected (?:value of )?type "([^"]+)"(?:\.|, found) .*$/s, 'Expected a valid $1.'],
  [/^Argument "(\w+)" has invalid value .*$/s, 'Argument "$1" has an invalid value.'],
  [/^(Syntax Error: .*?\b(?:String|BlockString|Comment|Name|Int|Float)) ".*$/s, '$1.'],
  [/^(Syntax Error: (?:Invalid|Unexpected) [^:"]*): .*$/s, '$1.'],
];

const apply = (message: string): string => {
  for (const [pattern, replacement] of RULES) if (pattern.test(message)) return message.replace(pattern, replacement);
  return message;
};

const VARIABLE = /^Variable "\$(\w+)" got invalid value /;

/** The error's message with every quoted value taken out, and the place of a wrong variable left in. */
export function withoutValues(error: GraphQLError): string {
  const variable = VARIABLE.exec(error.message)?.[1];
  if (!variable) return apply(error.message);
  // "Variable "$input" got invalid value <the value> at "input.to"; <what is wrong>": only the end can be told from the value.
  const problem = error.originalError?.message;
  if (problem === undefined || !error.message.endsWith(`; ${problem}`)) return `Variable "$${variable}" is not valid.`;
  const place = / at "([^"]*)"$/.exec(error.message.slice(0, -problem.length - 2))?.[1] ?? variable;
  return `Variable "$${variable}" is not valid at "${place}": ${apply(problem)}`;
}
