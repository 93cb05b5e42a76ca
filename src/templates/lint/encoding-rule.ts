import { isGsm } from '../gsm-alphabet.js';
import { countSegments } from '../segments.js';
import type { TemplateIssue } from '../template-issue.js';
import { analyzeText, type NonGsmCharacter } from '../text-analysis.js';
import { readBody, VALUE } from './body-text.js';
import { goesOutOn, issueAt, LintCode, type LintInput, type ReadText } from './lint-input.js';

/** How long a value is, on the average. */
const TYPICAL_VALUE = 'x'.repeat(10);

/** Few characters can make a text more than twice as dear: in UCS-2 a part holds 70, not 160. */
export function encodingRule(text: ReadText, input: LintInput): TemplateIssue[] {
  if (text.part !== 'body' || !goesOutOn(text.translation, 'SMS', input)) return [];
  // What nobody sees costs as much as what one sees.
  const written = readBody(text.translation.body);
  const body = written.text
    .replace(new RegExp(`${VALUE} *`, 'g'), TYPICAL_VALUE)
    .replace(/ {3,}/g, ' ')
    .trim();
  const { encoding, segments, nonGsmCharacters } = analyzeText(body);
  // Texts in other scripts need UCS-2 anyway.
  if (encoding !== 'UCS2' || nonGsmCharacters.some(({ character }) => /[^\P{L}\p{Script=Latin}]/u.test(character))) return [];
  const inGsm = nonGsmCharacters.reduce((result, found) => result.replaceAll(found.character, standInFor(found)), body);
  const after = countSegments(inGsm).segments;
  const isLetter = nonGsmCharacters.some(({ character }) => /\p{L}/u.test(character));
  const listed = nonGsmCharacters.map(replaced).join(', ');
  const saving = after < segments ? `about ${segments} segments; ${after} without them` : `about ${segments}, which stays so without them`;
  const offset = text.translation.body.indexOf(nonGsmCharacters[0]!.character);
  return [
    issueAt(
      { ...text, ...written },
      Math.max(0, offset),
      after < segments && !isLetter ? 'WARNING' : 'INFO',
      LintCode.AVOIDABLE_UCS2,
      `UCS-2 because of ${listed}: ${saving}.`,
    ),
  ];
}

const replaced = ({ character, replacement }: NonGsmCharacter): string =>
  replacement === null
    ? character
    : replacement === ''
      ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} (invisible)`
      : `${character} (write ${replacement})`;

function standInFor({ character, replacement }: NonGsmCharacter): string {
  if (replacement !== null) return replacement;
  // Part by part: whole, its marks would be put in order, in the square of their number.
  const parts = [...character].map((part) => part.normalize('NFD'));
  const plain = parts.join('').replace(/\p{M}/gu, '');
  return isGsm(plain) ? plain : '';
}
