import type { HealthWords } from './data/health-words.js';
import { HEALTH_WORDS_AR } from './data/health-words.ar.js';
import { HEALTH_WORDS_EN } from './data/health-words.en.js';
import { HEALTH_WORDS_ES, HEALTH_WORDS_FR, HEALTH_WORDS_HI } from './data/health-words.others.js';
import { HealthKind } from './health-kind.js';
import { PhraseBook } from './phrase-book.js';

export interface HealthBook {
  /** Set aside first. */
  harmless: PhraseBook<HealthKind>;
  words: PhraseBook<HealthKind>;
  frames: PhraseBook<HealthKind>;
}

/** English names of drugs and tests stand in texts of every language; Arabic ones in those of bilingual senders. */
const EVERYWHERE = [HEALTH_WORDS_EN, HEALTH_WORDS_AR];
const BY_LANGUAGE: Record<string, HealthWords[]> = { hi: [HEALTH_WORDS_HI], es: [HEALTH_WORDS_ES], fr: [HEALTH_WORDS_FR] };
const books = new Map<string, HealthBook>();

export function healthBook(language: string): HealthBook {
  const base = language.toLowerCase().split('-')[0]!;
  const key = base in BY_LANGUAGE ? base : '';
  const known = books.get(key) ?? bookOf([...EVERYWHERE, ...(BY_LANGUAGE[key] ?? [])]);
  books.set(key, known);
  return known;
}

function bookOf(lists: HealthWords[]): HealthBook {
  const revealing = lists.flatMap((list): [HealthKind, string][] => [
    [HealthKind.DIAGNOSIS, list.diagnoses],
    [HealthKind.DRUG, list.drugs],
    [HealthKind.TEST, list.tests],
    [HealthKind.DEPARTMENT, list.departments],
    [HealthKind.PROCEDURE, list.procedures],
  ]);
  return {
    harmless: new PhraseBook(
      lists.flatMap((list): [HealthKind, string][] => [
        [HealthKind.HARMLESS, list.harmless],
        [HealthKind.TO_EVERYBODY, list.toEverybody],
      ]),
    ),
    words: new PhraseBook([...revealing, ...lists.map(({ soft }) => [HealthKind.SOFT, soft] as const)]),
    frames: new PhraseBook(lists.map(({ frames }) => [HealthKind.FRAME, frames] as const)),
  };
}
