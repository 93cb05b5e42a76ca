import type { IssueSeverity, TemplateIssue } from '../template-issue.js';
import { VALUE } from './body-text.js';
import { IDENTIFIER_LABELS } from './data/identifier-labels.js';
import { foldInPlace } from './fold-word.js';
import { issueAt, LintCode, type ReadText } from './lint-input.js';

interface Pattern {
  kind: string;
  pattern: RegExp;
  severity: IssueSeverity;
}

/** As the languages of the word lists have them; Arabic ones also as in the Levant. */
const MONTHS = ['en', 'ar', 'ar-SY', 'hi', 'es', 'fr']
  .map((locale) => new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' }))
  .flatMap((format) => Array.from({ length: 12 }, (_, month) => foldInPlace(format.format(Date.UTC(2026, month)))))
  .join('|');
const DATE = String.raw`(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}(?:st|nd|rd|th|er)?\s(?:de\s)?(?:${MONTHS})(?!\p{L})|(?:${MONTHS})\s\d{1,2}(?!\d))`;
const STREET = 'street|road|avenue|lane|boulevard|شارع|طريق|calle|avenida|rue|मार्ग|सड़क|गली';
const ADDRESS = String.raw`(?:\d{1,5}\p{L}?,?\s(?:\p{L}{1,30}\s){0,3}(?:${STREET})(?!\p{L})|(?:${STREET})\s(?:\p{L}{1,30},?\s){0,4}\d{1,5})`;
/** The figures come early: a look as far as the word goes would be one of thousands of letters, from every place after a label. */
const CODE = String.raw`(?=[\p{L}\d/-]{0,40}\d{2})(?:\p{L}?[\d][\p{L}\d/-]{2,}|\p{L}{1,3}[-]?\d[\p{L}\d/-]{1,}|\p{L}{2,3}[- ]\d{3,})`;
const BETWEEN = String.raw`[^\n.!?؟।\d${VALUE}]{0,24}?`;

const afterLabel = (labels: string, value: string): RegExp =>
  new RegExp(`(?<!\\p{L})(?:${labels})(?!\\p{L})${BETWEEN}(?<!\\p{L})${value}`, 'giu');

const VALUES = { date: DATE, address: ADDRESS };

const LABELLED: readonly Pattern[] = IDENTIFIER_LABELS.flatMap(({ kind, labels, variable, value }): Pattern[] => [
  { kind, pattern: afterLabel(labels, value ? VALUES[value] : CODE), severity: 'ERROR' },
  { kind, pattern: afterLabel(labels, VALUE), severity: variable },
]);

/** Recognised by their form alone. */
const FORMS: readonly Pattern[] = [
  { kind: 'social security number', pattern: /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g, severity: 'ERROR' },
  { kind: 'number of an identity or payment card', pattern: /(?<!\d)\d{4}[ -]\d{4}[ -]\d{4}(?:[ -]\d{4})?(?!\d)/g, severity: 'ERROR' },
  { kind: 'Emirates ID', pattern: /(?<!\d)784-?\d{4}-?\d{7}-?\d(?!\d)/g, severity: 'ERROR' },
  { kind: 'French social security number', pattern: /(?<!\d)[12] \d{2} \d{2} \d{2} \d{3} \d{3} \d{2}(?!\d)/g, severity: 'ERROR' },
  { kind: 'Spanish identity number', pattern: /(?<![\p{L}\d])\d{8}[A-HJ-NP-TV-Z](?![\p{L}\d])/gu, severity: 'ERROR' },
  { kind: 'Medicare number', pattern: /\b\d[A-Z][A-Z\d]\d-[A-Z][A-Z\d]\d-[A-Z]{2}\d{2}\b/g, severity: 'ERROR' },
  {
    kind: 'IP address',
    pattern: /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/g,
    severity: 'ERROR',
  },
  {
    kind: 'IP address',
    pattern: /(?<![\p{L}\d:])(?:(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?:[\da-f]{1,4}:){1,6}(?::[\da-f]{1,4}){1,6})(?![\p{L}\d:])/giu,
    severity: 'ERROR',
  },
  { kind: 'MAC address', pattern: /\b[\da-f]{2}(?:[:-][\da-f]{2}){5}\b/gi, severity: 'ERROR' },
  { kind: 'bank account (IBAN)', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b/g, severity: 'WARNING' },
  { kind: 'age over 89', pattern: /\b(?:9\d|1[01]\d)[- ]years?[- ]olds?\b|\baged? (?:9\d|1[01]\d)\b/gi, severity: 'WARNING' },
];

/** Values that are somebody's: written out, or announced by a label before a variable. */
export function identifierRule(text: ReadText): TemplateIssue[] {
  // A link is judged as a link.
  const folded = foldInPlace(text.text).replace(/https?:\/\/\S+/g, (link) => ' '.repeat(link.length));
  const seen = new Set<string>();
  return [...LABELLED, ...FORMS].flatMap(({ kind, pattern, severity }) =>
    [...folded.matchAll(pattern)]
      .filter(() => !seen.has(kind) && seen.add(kind))
      .map(({ 0: found, index }) => {
        const message = found.endsWith(VALUE)
          ? `"${found.slice(0, -1).trim()}" announces a ${kind}: it identifies the person. Leave it out, or show it after sign-in.`
          : `This looks like a ${kind}: a template goes to many, so it can be no one's.`;
        return issueAt(text, index, severity, LintCode.PHI_IDENTIFIER, message);
      }),
  );
}
