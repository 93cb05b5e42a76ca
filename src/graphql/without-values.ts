/** graphql-js quotes what it was given in its messages; numbers and texts of people do not belong into the error logs of clients. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^Value ".*" does not exist in "(\w+)" enum\..*$/s, 'Expected a value of the enum "$1".'],
  [/^Enum "(\w+)" cannot represent .*$/s, 'Expected a value of the enum "$1".'],
  [/^(\w+) cannot represent .*$/s, 'Expected a valid $1.'],
  [/^Expected (?:value of )?type "([^"]+)"(?:\.|, found) .*$/s, 'Expected a valid $1.'],
  [/^Argument "(\w+)" has invalid value .*$/s, 'Argument "$1" has an invalid value.'],
  [/^Field ".{100,}" is not defined by type "(\w+)"\..*$/s, 'A field with a very long name is not defined by type "$1".'],
  [/^(Syntax Error: .*?\b(?:String|BlockString|Comment|Name|Int|Float)) ".*$/s, '$1.'],
  [/^(Syntax Error: (?:Invalid|Unexpected) [^:"]*): .*$/s, '$1.'],
];

/** The message with every value taken out that it quotes. */
export function withoutValues(message: string): string {
  for (const [pattern, replacement] of RULES) if (pattern.test(message)) return message.replace(pattern, replacement);
  return message;
}
