import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../src/consent/keywords/keyword-intent.js';

/** A label and a text on each line. REVIEW: a person has to read it. */
const LABELLED = readFileSync(new URL('./labelled.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t') as [string, string]);

const labelOf = (text: string): string => {
  const { intent, certain } = classify(text);
  return certain ? intent : 'REVIEW';
};

test.each(LABELLED)('%s: %s', (label, text) => {
  expect(labelOf(text)).toBe(label);
});

test('there are 150 texts or more', () => {
  expect(LABELLED.length).toBeGreaterThanOrEqual(150);
});

describe('while an appointment waits for its answer', () => {
  const answer = (text: string): string => classify(text, { questionOpen: true }).intent;

  test.each(['cancel', 'Cancel please', 'إلغاء', 'रद्द करें', 'cancelar', 'annuler', 'no', 'لا', 'नहीं', 'non'])('%s cancels it', (text) => {
    expect(answer(text)).toBe('CANCEL');
  });

  test.each(['yes', 'نعم', 'हाँ', 'sí', 'oui', 'see you then', 'إن شاء الله', 'मैं आऊंगा', 'asistiré', 'je viendrai'])(
    '%s confirms it',
    (text) => {
      expect(answer(text)).toBe('CONFIRM');
    },
  );

  test.each(['STOP', 'end', 'quit', 'unsubscribe', 'إلغاء الاشتراك', 'قف', 'बंद', 'baja', 'arrêt'])('%s still opts out', (text) => {
    expect(answer(text)).toBe('OPT_OUT');
  });
});

test('NO asks for nothing where no question is open', () => {
  for (const no of ['no', 'لا', 'नहीं', 'non']) expect(classify(no)).toEqual({ intent: 'OTHER', certain: true, language: null });
});

test.each([
  ['STOP', null],
  ['unsubscribe', 'en'],
  ['إلغاء الاشتراك', 'ar'],
  ['बंद करो', 'hi'],
  ['ALTO', 'es'],
  ['arrêt', 'fr'],
  ['لا ترسل لي رسائل', 'ar'],
])('%s is of the language %s', (text, language) => {
  expect(classify(text).language).toBe(language);
});
