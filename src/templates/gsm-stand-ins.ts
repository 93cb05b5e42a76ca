import { isGsm } from './gsm-alphabet.js';

/** Stand-in, and the characters it stands in for. Only what keeps the meaning: no stripped accents, no superscripts as digits. */
const STAND_INS: readonly [string, string][] = [
  ["'", '‘’‚‛‹›′‵ʹʻʼʽˈˊˋ´`❛❜'],
  ['"', '“”„‟«»″‶ʺˮ❝❞〃〝〞「」『』'],
  ['-', '\u2010\u2011\u2012–—―⁃−•‣·・'],
  [' ', '\t\u1680\u180e'],
  ['\n', '\u0085\u2028\u2029'],
  ['', '\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff'],
  ['/', '÷⁄∕⧸'],
  ['\\', '∖⧵⧹'],
  ['|', '¦∣'],
  ['~', '∼˜'],
  ['*', '∗⁎✱'],
  [':', '∶ː'],
  [',', '、'],
  ['.', '。'],
  ['x', '×✕'],
  ['<=', '≤'],
  ['>=', '≥'],
  ['->', '→'],
  ['<-', '←'],
  ['(c)', '©'],
  ['(R)', '®'],
];
const BY_CHARACTER = new Map(STAND_INS.flatMap(([standIn, characters]) => [...characters].map((character) => [character, standIn])));

/** "10²" must not become "102". */
const RAISED_OR_LOWERED = /[\u00aa\u00b2\u00b3\u00b9\u00ba\u02b0-\u02e4\u2070-\u209c]/u;

/** What GSM-7 can say instead of this code point ('' where nothing is lost without it), or null. */
export function gsmStandIn(character: string): string | null {
  if (isGsm(character)) return character;
  const known = BY_CHARACTER.get(character);
  if (known !== undefined) return known;
  if (RAISED_OR_LOWERED.test(character)) return null;
  // Compatibility forms are the same character in other clothes: spaces, fractions, fullwidth, ligatures, "…", "™".
  const plain = [...character.normalize('NFKC')].map((part) => BY_CHARACTER.get(part) ?? part).join('');
  return isGsm(plain) ? plain : null;
}

/** The text in GSM-7, or null when a character has no stand-in: then stand-ins would only spoil a text that stays UCS-2. */
export function transliterate(text: string): string | null {
  let result = '';
  for (const character of text) {
    const standIn = gsmStandIn(character);
    if (standIn === null) return null;
    // "1½" must not become "11/2".
    const joinsNumbers = standIn.length > 1 && /^\d/.test(standIn) && /\d$/.test(result);
    result += joinsNumbers ? ` ${standIn}` : standIn;
  }
  return result;
}
