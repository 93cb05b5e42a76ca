import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../../src/consent/keywords/keyword-intent.js';
import { KEYWORD_LISTS } from '../../../src/consent/keywords/keyword-lists.js';

const OPT_OUTS = KEYWORD_LISTS.flatMap(({ keywords: { OPT_OUT = [] } }) => OPT_OUT);
const optOut = fc.constantFrom(...OPT_OUTS);
const around = fc.stringMatching(/^[\s.!?*"'«»()🛑🙏👍]{0,5}$/u);
const isArabic = (text: string): boolean => /\p{Script=Arabic}/u.test(text);

const recased = (text: string, mask: readonly boolean[]): string =>
  [...text].map((letter, index) => (mask[index % mask.length] ? letter.toUpperCase() : letter.toLowerCase())).join('');
const stretched = (text: string): string => (isArabic(text) ? [...text].join('\u0640').replaceAll('\u0640 \u0640', ' ') : text);

test('a keyword is recognised in any case, between any punctuation and emoji', () => {
  const mask = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(optOut, around, around, mask, (keyword, before, after, upper) => {
      expect(classify(before + recased(keyword, upper) + after).intent).toBe('OPT_OUT');
    }),
    { numRuns: 500 },
  );
});

test('a keyword is recognised with any white space, elongation and form of Unicode', () => {
  const form = fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD');
  fc.assert(
    fc.property(optOut, fc.stringMatching(/^[ \t\n\u00a0]{1,3}$/), form, fc.boolean(), (keyword, space, unicode, long) => {
      const text = (long ? stretched(keyword) : keyword).replaceAll(' ', space).normalize(unicode);
      expect(classify(text).intent).toBe('OPT_OUT');
    }),
    { numRuns: 500 },
  );
});

test('a keyword inside of prose is never a certain opt-out', () => {
  const prose = fc.array(
    fc.constantFrom('when', 'does', 'the', 'doctor', 'arrive', 'blue', 'market', 'beside', 'my', 'yesterday', 'house', 'green', 'tomorrow'),
    { minLength: 2, maxLength: 8 },
  );
  const keyword = fc.constantFrom('stop', 'end', 'quit', 'cancel', 'unsubscribe', 'revoke', 'قف', 'बंद', 'baja', 'fin', 'alto');
  fc.assert(
    fc.property(prose, keyword, prose, (before, word, after) => {
      const { intent, certain } = classify([...before, word, ...after].join(' '));
      expect(intent === 'OPT_OUT' && certain).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('any text at all has an intent, quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
      expect(classify(text)).toHaveProperty('intent');
    }),
    { numRuns: 300 },
  );
});

test('a long text made to be slow takes no time', () => {
  // NFKD makes two or three of each.
  const marks = ['\u0f77'.repeat(1_999), `-${'\u0344'.repeat(1_999)}`, `a${'\u0344'.repeat(1_999)}`];
  const started = performance.now();
  for (const text of ['please stop '.repeat(300), 'do not '.repeat(500), 'ـ'.repeat(50_000), 'stop the '.repeat(21), ...marks])
    classify(text);
  expect(performance.now() - started).toBeLessThan(500);
});
