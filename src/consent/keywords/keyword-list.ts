import type { Intent } from '../intent.js';

export type KeywordLanguage = 'en' | 'ar' | 'hi' | 'es' | 'fr';

/**
 * What people write in one language. Everything is compared in folded form (see fold-text.ts), so case, accents,
 * punctuation and letter forms need no entries of their own.
 */
export interface KeywordList {
  language: KeywordLanguage;
  /** The whole message, but for politeness. CANCEL_OR_OPT_OUT: to cancel the appointment that was asked about, else to opt out. */
  keywords: Readonly<Partial<Record<Exclude<Intent, 'OTHER'> | 'CANCEL_OR_OPT_OUT', readonly string[]>>>;
  /** A yes to a visit that was asked about; too little to agree to anything else. */
  attendance: readonly string[];
  /** A no to the question that is open; otherwise nothing. */
  no: readonly string[];
  /** Around a keyword, these change nothing. */
  politeness: readonly string[];
  /** Named groups of words for the rules. */
  groups: Readonly<Record<string, readonly string[]>>;
  /** A whole sentence: words, <group>, and [<group>] for one that may be left out or repeated. */
  rules: Readonly<Partial<Record<'OPT_OUT' | 'OPT_IN' | 'CANCEL' | 'CONFIRM' | 'HELP', readonly string[]>>>;
  /** Where one of these stands in a text that no rule knows, a person has to read it. */
  suspicious: readonly string[];
  /** Not suspicious: taken out before the text is searched for what is. */
  harmless: readonly string[];
}

/** A list as it is written down: phrases with commas between them. */
export const phrases = (list: string): string[] => list.split(',').map((phrase) => phrase.trim());
