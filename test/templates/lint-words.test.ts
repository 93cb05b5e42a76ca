import { expect, test } from 'vitest';
import type { HealthWords } from '../../src/templates/lint/data/health-words.js';
import { HEALTH_WORDS_AR } from '../../src/templates/lint/data/health-words.ar.js';
import { HEALTH_WORDS_EN } from '../../src/templates/lint/data/health-words.en.js';
import { HEALTH_WORDS_ES, HEALTH_WORDS_FR, HEALTH_WORDS_HI } from '../../src/templates/lint/data/health-words.others.js';

const LANGUAGES: [string, HealthWords][] = [
  ['en', HEALTH_WORDS_EN],
  ['ar', HEALTH_WORDS_AR],
  ['hi', HEALTH_WORDS_HI],
  ['es', HEALTH_WORDS_ES],
  ['fr', HEALTH_WORDS_FR],
];

test.each(LANGUAGES)('the health words of %s are phrases of at most four words, each once in its list', (_language, lists) => {
  for (const list of Object.values(lists) as string[]) {
    const phrases = list.split(',').map((phrase) => phrase.trim());
    expect(phrases.filter((phrase, i) => phrases.indexOf(phrase) !== i)).toEqual([]);
    expect(phrases.filter((phrase) => phrase === '' || phrase.split(/\s+/).length > 4)).toEqual([]);
  }
});
