import { GSM_WIDTHS, isGsm } from './gsm-alphabet.js';

export const SmsEncoding = { GSM7: 'GSM7', UCS2: 'UCS2' } as const;
export type SmsEncoding = (typeof SmsEncoding)[keyof typeof SmsEncoding];

export interface SegmentCount {
  encoding: SmsEncoding;
  /** Parts the network carries and bills; 0 for an empty text. */
  segments: number;
  /** Unicode code points. */
  characters: number;
  /** What the limits count: septets (GSM7) or UTF-16 units (UCS2). */
  units: number;
}

/** UTF-16 units by leading unit: a surrogate pair counts 2 at its first half and nothing at its second. */
const UCS2_WIDTHS = new Uint8Array(65_536).fill(1).fill(2, 0xd800, 0xdc00).fill(0, 0xdc00, 0xe000);

/** A part of a longer text is shorter, because each part carries a header. */
const GSM7_LIMITS = { whole: 160, part: 153 };
const UCS2_LIMITS = { whole: 70, part: 67 };

/** More than any language writes on a letter. Looked for where a run begins: anywhere in it would take long as well. */
const ENDLESS_MARKS = /(?<!\p{M})\p{M}{31}/u;
/** Up to here composing takes milliseconds at worst, and mostly less than to look for such marks. */
const LONG = 5_000;

/** To compose sorts the marks of each letter, in a time that is the square of their number: seconds for a hundred thousand. */
const compose = (text: string): string => (text.length > LONG && ENDLESS_MARKS.test(text) ? text : text.normalize('NFC'));

/** The form in which a text is counted, stored and sent: composed characters, LF line ends, no halves of surrogate pairs. */
export const normalizeText = (text: string): string => compose(text.toWellFormed()).replaceAll('\r\n', '\n');

/** Counts a text as the mobile network does. Escape and surrogate pairs never straddle two parts, so a part can be short. */
export function countSegments(text: string): SegmentCount {
  const normal = normalizeText(text);
  return isGsm(normal)
    ? { encoding: SmsEncoding.GSM7, ...pack(normal, GSM_WIDTHS, GSM7_LIMITS) }
    : { encoding: SmsEncoding.UCS2, ...pack(normal, UCS2_WIDTHS, UCS2_LIMITS) };
}

function pack(text: string, widths: Uint8Array, limits: { whole: number; part: number }): Omit<SegmentCount, 'encoding'> {
  let characters = 0;
  let units = 0;
  let parts = 1;
  let free = limits.part;
  for (let i = 0; i < text.length; i++) {
    const width = widths[text.charCodeAt(i)]!;
    if (width === 0) continue;
    characters++;
    units += width;
    if (width > free) {
      parts++;
      free = limits.part;
    }
    free -= width;
  }
  return { segments: units === 0 ? 0 : units <= limits.whole ? 1 : parts, characters, units };
}
