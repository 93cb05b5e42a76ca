import type { Intent } from '../intent.js';
import { sentencesOf, wordsOf } from './fold-text.js';
import { KeywordBook, type Meaning } from './keyword-book.js';
import { INTERNATIONAL, KEYWORD_LISTS } from './keyword-lists.js';
import type { KeywordLanguage } from './keyword-list.js';

export interface Classified {
  intent: Intent;
  /** False where somebody has to read it: it may be an opt-out. Its intent is OTHER then. */
  certain: boolean;
  /** Of the keyword; null for OTHER, and for keywords that are understood everywhere. */
  language: KeywordLanguage | null;
}

const NOTHING: Classified = { intent: 'OTHER', certain: true, language: null };
const UNCLEAR: Classified = { intent: 'OTHER', certain: false, language: null };

const BOOK = new KeywordBook(KEYWORD_LISTS);
const EVERYWHERE = new Set(INTERNATIONAL.map((keyword) => wordsOf(keyword).join(' ')));

/**
 * What a message asks for. A keyword counts only as the whole message, but for politeness; a sentence of its own counts
 * where a rule knows it whole. With `questionOpen` (an appointment was asked about) CANCEL and NO answer that question.
 */
export function classify(text: string, { questionOpen = false }: { questionOpen?: boolean } = {}): Classified {
  const words = wordsOf(text);
  const cores = BOOK.coresOf(words);
  const whole = BOOK.keyword(cores, questionOpen) ?? BOOK.rule(cores);
  if (whole) return certain(whole);
  const sentences = sentencesOf(text)
    .map((sentence) => BOOK.coresOf(sentence))
    .filter((sentence) => sentence.length > 0);
  const spoken = sentences.flatMap((sentence) => BOOK.rule(sentence) ?? []);
  const [first] = spoken;
  const optOut = spoken.find(({ intent }) => intent === 'OPT_OUT');
  if (optOut && !spoken.some(({ intent }) => intent === 'OPT_IN')) return certain(optOut);
  const same = sameWord(sentences.map((sentence) => BOOK.keyword(sentence, questionOpen)));
  if (same) return certain(same);
  if (BOOK.isSuspicious(words)) return UNCLEAR;
  return first ? certain(first) : NOTHING;
}

const certain = ({ intent, language, keyword }: Meaning & { keyword?: string }): Classified => ({
  intent,
  certain: true,
  language: keyword !== undefined && EVERYWHERE.has(keyword) ? null : language,
});

/** "STOP! Unsubscribe!", "Stop. Thank you": all sentences that are not only polite say the same. */
function sameWord<T extends Meaning>(keywords: readonly (T | null)[]): T | null {
  const [first] = keywords;
  return first && keywords.every((keyword) => keyword?.intent === first.intent) ? first : null;
}
