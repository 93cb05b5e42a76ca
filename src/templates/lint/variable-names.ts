import {
  DELICATE_VARIABLES,
  FREE_TEXT_VARIABLES,
  IDENTIFYING_VARIABLES,
  NAME_VARIABLES,
  OF_THE_SENDER,
  REVEALING_VARIABLES,
} from './data/variable-words.js';

export const VariableKind = {
  REVEALING: 'REVEALING',
  IDENTIFYING: 'IDENTIFYING',
  FREE_TEXT: 'FREE_TEXT',
  DELICATE: 'DELICATE',
} as const;
export type VariableKind = (typeof VariableKind)[keyof typeof VariableKind];

const phrases = (list: string): Set<string> => new Set(list.split(',').map((words) => words.trim()));

/** In the order in which they are asked. */
const KINDS: readonly [VariableKind, Set<string>][] = [
  [VariableKind.IDENTIFYING, phrases(IDENTIFYING_VARIABLES)],
  [VariableKind.REVEALING, phrases(REVEALING_VARIABLES)],
  [VariableKind.DELICATE, phrases(DELICATE_VARIABLES)],
  [VariableKind.FREE_TEXT, phrases(FREE_TEXT_VARIABLES)],
];
/** In words. */
const LONGEST_PHRASE = Math.max(...KINDS.flatMap(([, list]) => [...list].map((phrase) => phrase.split(' ').length)));
const NAMES = phrases(NAME_VARIABLES);
const OF_SENDER = phrases(OF_THE_SENDER);

/** patientDOB, patient_dob and patient.dob are the words "patient dob". */
const nameWords = (variable: string): string[] =>
  variable
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1 ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => word.toLowerCase());

/** Runs of words of the name that can be phrases, longest first: all the runs of a name of thousands of words would fill the memory. */
function runs(words: string[]): string[] {
  const found: string[] = [];
  for (let length = Math.min(words.length, LONGEST_PHRASE); length > 0; length--)
    for (let at = 0; at + length <= words.length; at++) found.push(words.slice(at, at + length).join(' '));
  return found;
}

export function variableKind(variable: string): { kind: VariableKind; word: string } | null {
  const words = nameWords(variable);
  // userID and DOB2 lose nothing by it. Without looking back, every digit of a long row would be tried as the first.
  const spelled = [...runs(words), words.join('').replace(/(?<!\d)\d+$/, '')];
  for (const [kind, list] of KINDS) {
    const word = spelled.find((run) => list.has(run));
    if (word !== undefined && !(isMild(kind) && OF_SENDER.has(words[0]!) && words.length > 1)) return { kind, word };
  }
  return null;
}

const isMild = (kind: VariableKind): boolean => kind === VariableKind.DELICATE || kind === VariableKind.FREE_TEXT;

export function namesAPerson(variable: string): boolean {
  const words = nameWords(variable);
  return !OF_SENDER.has(words[0] ?? '') && (NAMES.has(words.join(' ')) || NAMES.has(words.slice(-2).join(' ')) || words[0] === 'patient');
}
