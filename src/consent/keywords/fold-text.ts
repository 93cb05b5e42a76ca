/** Longer messages are prose; a keyword stands in a few words. */
const LONGEST = 2_000;

/** Marks of Arabic vowels and of elongation: written or left out at will. */
const ARABIC_MARKS = /[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]/gu;
/** A whole run of marks at once: to look back from each for its letter takes the square of their number. */
const LATIN_MARKS = /(?<=\p{Script=Latin})\p{M}+/gu;
const APOSTROPHES = /['’‘ʼ`´]/gu;
/** Joiners, directions and variation selectors: invisible. */
const INVISIBLE = /[\p{Cf}\ufe00-\ufe0f\u034f]/gu;

/** Letters that are written either way, by what they become. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/[أإآٱ]/gu, 'ا'],
  [/[ىیې]/gu, 'ي'],
  [/ک/gu, 'ك'],
  [/[ةہھۀ]/gu, 'ه'],
  [/ؤ/gu, 'و'],
  [/ئ/gu, 'ي'],
  [/ß/gu, 'ss'],
  [/œ/gu, 'oe'],
  [/æ/gu, 'ae'],
  // Devanagari: the nukta is often left out, and a nasal is written as a letter or as a dot.
  [/\u093c/gu, ''],
  [/\u0901/gu, '\u0902'],
  [/[ङञणनम]\u094d(?=\p{L})/gu, '\u0902'],
  [/ाे/gu, 'ो'],
  [/ॅ/gu, ''],
];

/**
 * One form for everything that a person may have meant to be the same word: width, case, accents, elongation, the forms of
 * Arabic and Devanagari letters. `separator` replaces punctuation and emoji.
 */
function fold(text: string, separator: string): string {
  let folded = text.slice(0, LONGEST).normalize('NFKC').toLowerCase().replace(INVISIBLE, '').normalize('NFD');
  folded = folded.replace(APOSTROPHES, '').replace(ARABIC_MARKS, '').replace(LATIN_MARKS, '').normalize('NFKD').normalize('NFC');
  folded = folded.replace(/[\u0653-\u0655]/gu, '');
  for (const [letters, one] of ALIKE) folded = folded.replace(letters, one);
  return folded.replace(/[^\p{L}\p{M}\p{N}\s]+/gu, separator).replace(/(\p{L})\1{2,}/gu, '$1');
}

/** The words of a text. A word that is spelt out ("S T O P", "s.t.o.p") is one. */
export function wordsOf(text: string): string[] {
  const words = fold(text, ' ').split(/\s+/u).filter(Boolean);
  return words.length > 2 && words.every((word) => /^\p{L}$/u.test(word)) ? [words.join('')] : words;
}

const SENTENCE_END = /[.!?…;\n\r,،؛؟।|]+|(?<=\s)[-–—]+(?=\s)/gu;

/** The words of each sentence. */
export function sentencesOf(text: string): string[][] {
  // Spelt-out words have a full stop behind each letter.
  const whole = wordsOf(text);
  if (whole.length === 1) return [whole];
  return text
    .slice(0, LONGEST)
    .normalize('NFKC')
    .split(SENTENCE_END)
    .map((sentence) => wordsOf(sentence))
    .filter((words) => words.length > 0);
}
