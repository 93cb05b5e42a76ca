import { listForm, wordForms } from './word-forms.js';

export interface Word {
  raw: string;
  forms: ReadonlySet<string>;
  start: number;
  end: number;
  /** Counted from 0. */
  sentence: number;
}

export interface Match<Kind> {
  kind: Kind;
  start: number;
  end: number;
  sentence: number;
}

interface Phrase<Kind> {
  kind: Kind;
  words: string[];
  /** As written, where capitals matter. */
  capitals: string | null;
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const SENTENCE_END = /[.!?؟।;\n](?=\s|$)/g;

export function wordsOf(text: string): Word[] {
  const ends = [...text.matchAll(SENTENCE_END)].map(({ index }) => index);
  let sentence = 0;
  return [...text.matchAll(WORD)].map(({ 0: raw, index: start }) => {
    while (sentence < ends.length && ends[sentence]! < start) sentence++;
    return { raw, forms: new Set(wordForms(raw)), start, end: start + raw.length, sentence };
  });
}

/** Phrases by their first word. */
export class PhraseBook<Kind> {
  readonly #byFirst = new Map<string, Phrase<Kind>[]>();

  /** Lists are separated by commas. */
  constructor(lists: Iterable<readonly [Kind, string]>) {
    for (const [kind, list] of lists) for (const text of list.split(',')) this.#add(kind, text.trim());
  }

  /** The longest phrase from each word on; none overlap. */
  find(words: readonly Word[]): Match<Kind>[] {
    const found: Match<Kind>[] = [];
    for (let at = 0; at < words.length; at++) {
      const phrase = this.#longestAt(words, at);
      if (!phrase) continue;
      const last = words[at + phrase.words.length - 1]!;
      found.push({ kind: phrase.kind, start: words[at]!.start, end: last.end, sentence: last.sentence });
      at += phrase.words.length - 1;
    }
    return found;
  }

  #add(kind: Kind, text: string): void {
    const words = (text.match(WORD) ?? []).map(listForm);
    if (!words.length) return;
    const capitals = /^[A-Z]{2,}$/.test(text) ? text : null;
    const known = this.#byFirst.get(words[0]!);
    if (known) known.push({ kind, words, capitals });
    else this.#byFirst.set(words[0]!, [{ kind, words, capitals }]);
  }

  #longestAt(words: readonly Word[], at: number): Phrase<Kind> | undefined {
    const candidates = [...words[at]!.forms].flatMap((form) => this.#byFirst.get(form) ?? []);
    return candidates
      .filter((phrase) => phrase.words.every((word, i) => words[at + i]?.forms.has(word)) && isWritten(phrase, words[at]!))
      .toSorted((a, b) => b.words.length - a.words.length)[0];
  }
}

const isWritten = (phrase: Phrase<unknown>, { raw }: Word): boolean => phrase.capitals === null || raw.startsWith(phrase.capitals);
