import type { TemplateIssue } from '../template-issue.js';
import { VALUE } from './body-text.js';
import { HEALTH_LABELS } from './data/identifier-labels.js';
import { foldInPlace } from './fold-word.js';
import { healthBook, type HealthBook } from './health-book.js';
import { HealthKind } from './health-kind.js';
import { issueAt, LintCode, type ReadText } from './lint-input.js';
import { medicalEndings } from './medical-ending.js';
import { type Match, type Word, wordsOf } from './phrase-book.js';
import { namesAPerson } from './variable-names.js';

const LABELLED_VALUE = new RegExp(
  `(?<!\\p{L})(?:${HEALTH_LABELS})(?!\\p{L})[^\\p{L}\\p{N}${VALUE}\\n]{0,6}(?:is |: ?|for )?${VALUE}`,
  'giu',
);
/** A drug without its name. */
const DOSE = new RegExp(`(?:\\d|${VALUE}) *(?:mg|mcg|µg|iu|ملغ|ملجم|مجم|मिग्रा)(?![\\p{L}\\d])`, 'giu');
/** What a test found, said of a test. */
const OUTCOMES = new Set(['positive', 'negative', 'abnormal', 'reactive', 'elevated', 'malignant', 'benign']);
const TESTS = new Set(['test', 'tested', 'result', 'screening', 'swab', 'sample', 'lab', 'scan']);

/** Says what a person has, takes, was tested for, or where they are treated. */
export function healthRule(text: ReadText): TemplateIssue[] {
  const book = healthBook(text.translation.language);
  const words = wordsOf(text.text);
  const asides = book.harmless.find(words);
  const harmless = asides.filter(({ kind }) => kind === HealthKind.HARMLESS);
  const rest = words.filter(({ start, end }) => !harmless.some((aside) => start >= aside.start && end <= aside.end));
  const toEverybody = asides.some(({ kind }) => kind === HealthKind.TO_EVERYBODY);
  const about = text.variables.some(namesAPerson);
  return oncePerWord([...revealing(book, rest), ...ofForm(text.text)], text.text).map(({ kind, start, word }) =>
    issueAt(text, start, toEverybody && !about ? 'INFO' : 'ERROR', LintCode.PHI_HEALTH, told(word, kind, toEverybody && !about, about)),
  );
}

function revealing(book: HealthBook, words: Word[]): Pick<Match<HealthKind>, 'kind' | 'start' | 'end'>[] {
  const known = book.words.find(words);
  const matches = [
    ...known,
    ...medicalEndings(words).filter(({ start }) => !known.some((match) => start >= match.start && start < match.end)),
  ];
  const frames = book.frames.find(words);
  const soft = matches.filter(({ kind }) => kind === HealthKind.SOFT);
  const isFramed = (match: Match<HealthKind>): boolean =>
    [...frames, ...soft].some((near) => near.sentence === match.sentence && near.start !== match.start);
  return [...matches.filter((match) => match.kind !== HealthKind.SOFT || isFramed(match)), ...outcomes(words)];
}

function ofForm(text: string): Pick<Match<HealthKind>, 'kind' | 'start' | 'end'>[] {
  const folded = foldInPlace(text);
  const labelled = [...folded.matchAll(LABELLED_VALUE)].map(({ index }) => ({ kind: HealthKind.SOFT, start: index, end: index + 20 }));
  const doses = [...folded.matchAll(DOSE)].map(({ 0: dose, index }) => ({ kind: HealthKind.DRUG, start: index, end: index + dose.length }));
  return [...labelled, ...doses];
}

const outcomes = (words: Word[]): Match<HealthKind>[] =>
  words
    .filter(({ forms }) => [...forms].some((form) => OUTCOMES.has(form)))
    .filter(({ sentence }) => words.some((word) => word.sentence === sentence && [...word.forms].some((form) => TESTS.has(form))))
    .map(({ start, end, sentence }) => ({ kind: HealthKind.TEST, start, end, sentence }));

function oncePerWord<T extends { start: number; end: number }>(matches: T[], text: string): (T & { word: string })[] {
  const found = matches.map((match) => ({ ...match, word: text.slice(match.start, match.end).split(VALUE)[0]!.trim() }));
  return found.filter(({ word }, i) => found.findIndex((other) => other.word === word) === i).toSorted((a, b) => a.start - b.start);
}

function told(word: string, kind: HealthKind, toEverybody: boolean, about: boolean): string {
  if (toEverybody) return `"${word}" names ${kind}. Spoken to everybody it reveals nothing; do not send it to a list chosen by health.`;
  const reveals = about
    ? `"${word}" names ${kind} beside a person's name`
    : `"${word}" names ${kind} and so reveals something about whoever gets the message`;
  return `${reveals}. Say it without: "your appointment", "your results are ready".`;
}
