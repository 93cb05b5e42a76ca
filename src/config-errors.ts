/** Names each wrong variable, what was given and what is expected. Print it as it is, without a stack. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
}

export interface WrongSetting {
  name: string;
  /** Completes "expected …". */
  expected: string;
}

/** What the environment gives, by name. */
export type Given = Record<string, string | undefined>;

export function invalidConfig(wrong: WrongSetting[], given: Given): InvalidConfig {
  const lines = [
    wrong.length === 1 ? 'A setting is wrong:' : `${wrong.length} settings are wrong:`,
    ...wrong.map(({ name, expected }) => `  ${name}: given ${shown(name, given[name])}, expected ${expected}`),
    'Every setting is described in .env.example.',
  ];
  return new InvalidConfig(lines.join('\n'));
}

/** What looks like a token: long, and with a digit. */
const TOKEN = /(?=[\w-]*\d)[\w-]{20,}/g;

/** The value as it may stand in a log: without secrets, those included that stand in the wrong variable. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'nothing';
  if (/TOKEN|SECRET|KEY|PASSWORD/.test(name)) return `••• (${value.length} characters)`;
  // The token is easily pasted where the account's id belongs: its first two letters tell which it is.
  if (name.endsWith('_SID')) return `"${value.slice(0, 2)}•••" (${value.length} characters)`;
  const masked = value
    .replace(/^([a-z+]*:\/\/)?.*@/is, '$1•••@')
    .replace(/\?.*/s, '?•••')
    .replace(TOKEN, '•••');
  return JSON.stringify(masked.length > 80 ? `${masked.slice(0, 80)}…` : masked);
}

const OURS = /^(TWILIO|MESSAGING|SIMULATOR)_/;

/** A line for each variable that starts like one of ours and is none. */
export function misspelt(given: Given, known: string[]): string[] {
  return Object.keys(given)
    .filter((name) => OURS.test(name) && !known.includes(name))
    .map((name) => {
      const [nearest] = known
        .map((candidate) => ({ candidate, edits: editsBetween(name, candidate) }))
        .toSorted((a, b) => a.edits - b.edits);
      const hint = nearest && nearest.edits <= 5 ? `: did you mean ${nearest.candidate}?` : '.';
      return `${name} is not a setting of Heliograph and changes nothing${hint}`;
    });
}

/** How many letters to add, drop or replace to come from one word to the other (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries())
      next.push(Math.min(row[column + 1]! + 1, next[column]! + 1, row[column]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
}
