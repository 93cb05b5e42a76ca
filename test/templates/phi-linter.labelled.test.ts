import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge, labelledTexts } from './labelled/judge-labelled.js';

const TUNED = labelledTexts('tuned');
const HELD_OUT = labelledTexts('held-out');

test('enough texts are labelled, in every language that ships', () => {
  const texts = [...TUNED, ...HELD_OUT];
  const count = (language: string): number => texts.filter((text) => text.language === language).length;
  expect(texts.length).toBeGreaterThanOrEqual(240);
  expect(new Set(texts.map(({ body }) => body)).size).toBe(texts.length);
  expect(HELD_OUT.length).toBeGreaterThanOrEqual(texts.length * 0.3);
  expect({ en: count('en') >= 130, ar: count('ar') >= 70 }).toEqual({ en: true, ar: true });
  expect(new Set(texts.map(({ language }) => language))).toEqual(new Set(['en', 'ar', 'hi', 'es', 'fr']));
});

const LISTS: [string, typeof TUNED][] = [
  ['tuned', TUNED],
  ['held-out', HELD_OUT],
];

test.each(LISTS)('on the %s texts, at least 95 of 100 that it flags are PHI, and it blocks at least 95 of 100 that are', (_list, texts) => {
  const { precision, recall, blocked, mistakes } = judge(texts);
  const enough = { precision: precision >= 0.95, recall: recall >= 0.95, blocked: blocked >= 0.95 };
  expect({ ...enough, mistakes }).toEqual({ precision: true, recall: true, blocked: true, mistakes });
});

test.each(LISTS)('docs/phi-linter.md tells the true figures of the %s texts', (list, texts) => {
  const { precision, recall, blocked } = judge(texts);
  const cells = [list, texts.length, ...[precision, recall].map((rate) => `${(rate * 100).toFixed(1)} %`)];
  const page = readFileSync('docs/phi-linter.md', 'utf8').replaceAll(/ +/g, ' ');
  expect(page).toContain(`| ${cells.join(' | ')} |`);
  expect(blocked).toBe(recall);
});
