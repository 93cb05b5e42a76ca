import { isGsm } from './gsm-alphabet.js';
import { gsmStandIn, transliterate } from './gsm-stand-ins.js';
import { countSegments, normalizeText, type SmsEncoding } from './segments.js';

export interface NonGsmCharacter {
  /** As a person sees it: an emoji family is one. */
  character: string;
  /** Null where GSM-7 has nothing like it. */
  replacement: string | null;
  count: number;
}

export interface TextAnalysis {
  encoding: SmsEncoding;
  characters: number;
  segments: number;
  /** In the order of their first appearance. */
  nonGsmCharacters: NonGsmCharacter[];
  segmentsIfTransliterated: number;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function analyzeText(text: string): TextAnalysis {
  const normal = normalizeText(text);
  const { encoding, characters, segments } = countSegments(normal);
  const inGsm = encoding === 'UCS2' ? transliterate(normal) : null;
  return {
    encoding,
    characters,
    segments,
    nonGsmCharacters: encoding === 'UCS2' ? nonGsmCharacters(normal) : [],
    segmentsIfTransliterated: inGsm === null ? segments : countSegments(inGsm).segments,
  };
}

function nonGsmCharacters(text: string): NonGsmCharacter[] {
  const found = new Map<string, NonGsmCharacter>();
  for (const { segment: character } of graphemes.segment(text)) {
    if (isGsm(character)) continue;
    const known = found.get(character);
    if (known) known.count++;
    else found.set(character, { character, replacement: replacementOf(character), count: 1 });
  }
  return [...found.values()];
}

function replacementOf(character: string): string | null {
  const parts = [...character].map(gsmStandIn);
  return parts.includes(null) ? null : parts.join('');
}
