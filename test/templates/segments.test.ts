import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { countSegments, normalizeText } from '../../src/templates/segments.js';

const ESCAPED = Array.from('^{}\\[~]|€');
const GSM = Array.from('@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡AZÄÖÑÜ§¿azäöñüà');
const OUTSIDE_GSM = Array.from('`çáíóúâê\t“”‘’–…\u00a0موعدكنمस中文字😀🎉🚀𝒜𐍈');
const CLUSTERS = ['👨‍👩‍👧‍👦', '🇸🇦', '👍🏽', 'नमस्ते', 'x\u0302', '❤️', '1️⃣'];

const textOf = (characters: string[], maxLength: number) =>
  fc.array(fc.constantFrom(...characters), { maxLength, size: 'max' }).map((parts) => normalizeText(parts.join('')));
const oracle = (text: string) => {
  const { encodingName, segmentsCount } = new SegmentedMessage(text);
  return { encoding: encodingName === 'GSM-7' ? 'GSM7' : 'UCS2', segments: text === '' ? 0 : segmentsCount };
};
const ours = (text: string) => {
  const { encoding, segments } = countSegments(text);
  return { encoding, segments };
};

describe('countSegments', () => {
  test.each([
    ['nothing', '', 'GSM7', 0, 0, 0],
    ['a whole GSM-7 message', 'a'.repeat(160), 'GSM7', 1, 160, 160],
    ['one septet more', 'a'.repeat(161), 'GSM7', 2, 161, 161],
    ['two full parts', 'a'.repeat(306), 'GSM7', 2, 306, 306],
    ['a third part', 'a'.repeat(307), 'GSM7', 3, 307, 307],
    ['escaped characters', '€'.repeat(80), 'GSM7', 1, 80, 160],
    ['an escape pair at the end of a part', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 'GSM7', 3, 305, 306],
    ['a whole UCS-2 message', 'م'.repeat(70), 'UCS2', 1, 70, 70],
    ['one unit more', 'م'.repeat(71), 'UCS2', 2, 71, 71],
    ['two full UCS-2 parts', 'م'.repeat(134), 'UCS2', 2, 134, 134],
    ['a third UCS-2 part', 'م'.repeat(135), 'UCS2', 3, 135, 135],
    ['emoji', '😀'.repeat(35), 'UCS2', 1, 35, 70],
    ['a surrogate pair at the end of a part', `${'م'.repeat(66)}😀${'م'.repeat(66)}`, 'UCS2', 3, 133, 134],
    ['one foreign character among many', `${'a'.repeat(70)}ç`, 'UCS2', 2, 71, 71],
    ['an escaped character in UCS-2', 'م€', 'UCS2', 1, 2, 2],
    ['decomposed accents that compose', 'cafe\u0301', 'GSM7', 1, 4, 4],
    ['Windows line ends', 'a\r\nb', 'GSM7', 1, 3, 3],
    ['half a surrogate pair', 'a\ud83d', 'UCS2', 1, 2, 2],
    ['one cluster longer than two parts', `x${'\u0302'.repeat(200)}`, 'UCS2', 3, 201, 201],
  ])('%s', (_name, text, encoding, segments, characters, units) => {
    expect(countSegments(text)).toEqual({ encoding, segments, characters, units });
  });

  test("agrees with Twilio's calculator wherever a code point is a character", () => {
    const texts = fc.oneof(textOf([...GSM, ...ESCAPED], 500), textOf([...GSM, ...ESCAPED, ...OUTSIDE_GSM], 250));
    fc.assert(
      fc.property(texts, (text) => {
        expect(ours(text)).toEqual(oracle(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('agrees with it around the limits, where pairs would straddle', () => {
    const lengths = fc.constantFrom(66, 67, 69, 70, 133, 134, 151, 152, 153, 158, 159, 160, 304, 305, 306);
    const texts = fc
      .tuple(lengths, textOf([...ESCAPED, '😀', 'a', 'م'], 6), fc.constantFrom('a', 'م'))
      .map(([length, odd, filler]) => filler.repeat(length - 2) + odd + filler.repeat(150));
    fc.assert(
      fc.property(texts, (text) => {
        expect(ours(text)).toEqual(oracle(text));
      }),
      { numRuns: 1_000 },
    );
  });

  test('counts no more than it where it keeps clusters of code points whole, as networks do not', () => {
    fc.assert(
      fc.property(textOf([...CLUSTERS, ...OUTSIDE_GSM], 150), (text) => {
        const { segments, units } = countSegments(text);
        expect(segments).toBeLessThanOrEqual(oracle(text).segments);
        expect(segments).toBeGreaterThanOrEqual(units <= 70 ? Math.ceil(units / 70) : Math.ceil(units / 67));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('normalizeText', () => {
  const marks = '\u0315\u0300';

  test('composes letters with their marks, and sorts these, in long texts too', () => {
    expect(normalizeText(`e${marks}`.repeat(3_000))).toBe('è\u0315'.repeat(3_000));
  });

  test('leaves a long text as it is that has more marks on a letter than any language, whose sorting would take seconds', () => {
    const text = `e\u0301 e${marks.repeat(3_000)}\r\n`;
    expect(normalizeText(text)).toBe(text.replace('\r\n', '\n'));
    expect(normalizeText(`e${marks.repeat(100)}`)).toBe(`è${'\u0300'.repeat(99)}${'\u0315'.repeat(100)}`);
  });
});
