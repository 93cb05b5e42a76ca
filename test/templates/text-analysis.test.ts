import { describe, expect, test } from 'vitest';
import { isGsm } from '../../src/templates/gsm-alphabet.js';
import { gsmStandIn, transliterate } from '../../src/templates/gsm-stand-ins.js';
import { analyzeText } from '../../src/templates/text-analysis.js';

describe('analyzeText', () => {
  test('a GSM-7 text has nothing to put right', () => {
    expect(analyzeText('Hello €5')).toEqual({
      encoding: 'GSM7',
      characters: 8,
      segments: 1,
      nonGsmCharacters: [],
      segmentsIfTransliterated: 1,
    });
  });

  test('an empty text has no segments', () => {
    expect(analyzeText('')).toMatchObject({ encoding: 'GSM7', characters: 0, segments: 0, segmentsIfTransliterated: 0 });
  });

  test('the characters that make a text dear are named in order, counted, with what could stand in', () => {
    expect(analyzeText(`“It’s” – ${'a'.repeat(70)}’`)).toEqual({
      encoding: 'UCS2',
      characters: 80,
      segments: 2,
      nonGsmCharacters: [
        { character: '“', replacement: '"', count: 1 },
        { character: '’', replacement: "'", count: 2 },
        { character: '”', replacement: '"', count: 1 },
        { character: '–', replacement: '-', count: 1 },
      ],
      segmentsIfTransliterated: 1,
    });
  });

  test('where one character has no stand-in, the others save nothing', () => {
    const analysis = analyzeText(`مرحبا${'…'.repeat(66)}`);
    expect(analysis).toMatchObject({ encoding: 'UCS2', segments: 2, segmentsIfTransliterated: 2 });
    expect(analysis.nonGsmCharacters).toContainEqual({ character: '…', replacement: '...', count: 66 });
  });

  test('an emoji made of several code points is one character', () => {
    expect(analyzeText('👨‍👩‍👧 and 👨‍👩‍👧').nonGsmCharacters).toEqual([{ character: '👨‍👩‍👧', replacement: null, count: 2 }]);
  });

  test('joiners inside Persian words stay', () => {
    expect(
      analyzeText('می‌خواهم')
        .nonGsmCharacters.map(({ character }) => character)
        .join(''),
    ).toContain('\u200c');
    expect(transliterate('می‌خواهم')).toBeNull();
  });
});

describe('stand-ins', () => {
  test.each([
    ['‘a’ “b” «c»', '\'a\' "b" "c"'],
    ['a–b—c−d…', 'a-b-c-d...'],
    ['a\u00a0b\u2003c\td', 'a b c d'],
    ['take 1½ or ¼', 'take 1 1/2 or 1/4'],
    ['ＡＢ１２！', 'AB12!'],
    ['ﬁne ™ №', 'fine TM No'],
    ['a\u200bb\u00adc\ufeff', 'abc'],
  ])('%s', (text, expected) => {
    expect(transliterate(text)).toBe(expected);
  });

  test.each(['á', 'ç', '²', 'م', '中', '😀', 'µ'])('none for %s, which would change its meaning', (character) => {
    expect(gsmStandIn(character)).toBeNull();
  });

  test('every stand-in can be said in GSM-7', () => {
    const wrong = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((c) => !isGsm(gsmStandIn(c) ?? ''));
    expect(wrong).toEqual([]);
  });
});
