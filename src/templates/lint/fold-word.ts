/** Accents, Arabic vowel signs, hamza and tatweel, the nukta: written or not, it is the same word. */
const MARKS = /[\u0300-\u036f\u0640\u064b-\u065f\u0670\u093c]/g;

/** What is longer is no word; to put marks in order takes the square of their number. */
const LONGEST = 500;

/** One spelling for the ways in which a word is written. Capitals go too. */
export function foldWord(word: string): string {
  return word
    .slice(0, LONGEST)
    .normalize('NFKD')
    .replace(MARKS, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه')
    .replaceAll('ٱ', 'ا')
    .replaceAll('ँ', 'ं');
}

/** Folds each letter where it stands, so that offsets still hold: Arabic letters, and digits of other scripts. */
export function foldInPlace(text: string): string {
  return text
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
}

/** As it is read: soft hyphens, joiners and marks of direction take no place. Lines stay, offsets within them do not. */
export const asSeen = (text: string): string => text.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
