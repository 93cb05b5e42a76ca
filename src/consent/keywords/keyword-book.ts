import { wordsOf } from './fold-text.js';
import type { Intent } from '../intent.js';
import type { KeywordLanguage, KeywordList } from './keyword-list.js';
import { nearMisses } from './near-miss.js';
import { ruleMatcher } from './sentence-rule.js';

export interface Meaning {
  intent: Intent;
  language: KeywordLanguage;
}

type Meanings = ReadonlyMap<string, Meaning>;
type Words = readonly string[];

const LONGEST_POLITENESS = 4;

const folded = (text: string): string => wordsOf(text).join(' ');

/** The lists, ready to be asked. */
export class KeywordBook {
  private readonly keywords: Meanings;
  /** Those that answer a question that is open. */
  private readonly answers: Meanings;
  private readonly rules: readonly { meaning: Meaning; matches: (text: string) => boolean }[];
  private readonly politeness: ReadonlySet<string>;
  private readonly suspicious: readonly string[];
  private readonly harmless: readonly string[];
  private readonly misspelt: (word: string) => boolean;

  constructor(lists: readonly KeywordList[]) {
    this.keywords = meaningsOf(lists, ({ keywords: { CANCEL_OR_OPT_OUT = [], ...rest } }) => ({
      ...rest,
      OPT_OUT: [...(rest.OPT_OUT ?? []), ...CANCEL_OR_OPT_OUT],
    }));
    this.answers = meaningsOf(lists, ({ keywords: { CANCEL_OR_OPT_OUT = [] }, no, attendance }) => ({
      CANCEL: [...CANCEL_OR_OPT_OUT, ...no],
      CONFIRM: attendance,
    }));
    this.rules = lists.flatMap(({ language, groups, rules }) =>
      Object.entries(rules).flatMap(([intent, patterns]) =>
        patterns.map((pattern) => ({ meaning: { intent: intent as Intent, language }, matches: ruleMatcher(pattern, groups) })),
      ),
    );
    this.politeness = new Set(lists.flatMap((list) => list.politeness.map(folded)));
    this.suspicious = lists.flatMap((list) => list.suspicious.map(folded));
    // The longest first: what a shorter one would leave over of it must not count.
    this.harmless = lists.flatMap((list) => list.harmless.map(folded)).toSorted((a, b) => b.length - a.length);
    this.misspelt = nearMisses(lists.flatMap(({ keywords: { OPT_OUT = [] } }) => OPT_OUT.map(folded)));
  }

  keyword(cores: readonly Words[], questionOpen: boolean): (Meaning & { keyword: string }) | null {
    for (const words of cores) {
      const keyword = words.join(' ');
      const meaning = (questionOpen ? this.answers.get(keyword) : undefined) ?? this.keywords.get(keyword);
      if (meaning) return { ...meaning, keyword };
    }
    return null;
  }

  rule(cores: readonly Words[]): Meaning | null {
    for (const words of cores) {
      const text = words.join(' ');
      const found = this.rules.find(({ matches }) => matches(text));
      if (found) return found.meaning;
    }
    return null;
  }

  /**
   * The words, and what is left of them as greetings and thanks are taken away, first before and then behind them. None for
   * words that are nothing but polite.
   */
  coresOf(words: Words): Words[] {
    const cores: Words[] = [words];
    let rest = words;
    for (const end of ['start', 'end'] as const)
      for (let polite = this.politeAt(rest, end); polite > 0; polite = this.politeAt(rest, end)) {
        rest = end === 'start' ? rest.slice(polite) : rest.slice(0, -polite);
        cores.push(rest);
      }
    const [last, ...more] = rest;
    return last !== undefined && more.length === 0 && this.isOnlyPolite(last) ? [] : cores;
  }

  /** Whether it may be an opt-out that no rule knows. */
  isSuspicious(words: Words): boolean {
    let text = ` ${words.join(' ')} `;
    for (const phrase of this.harmless) text = text.replaceAll(` ${phrase} `, ' · ');
    if (this.suspicious.some((phrase) => text.includes(` ${phrase} `))) return true;
    const left = text.trim().split(' ');
    return left.length <= 2 && left.some((word) => this.misspelt(word));
  }

  /** How many words of politeness there are at one end; never all. */
  private politeAt(words: Words, end: 'start' | 'end'): number {
    for (let length = Math.min(LONGEST_POLITENESS, words.length - 1); length > 0; length--)
      if (this.politeness.has((end === 'start' ? words.slice(0, length) : words.slice(-length)).join(' '))) return length;
    return 0;
  }

  private isOnlyPolite(word: string): boolean {
    return this.politeness.has(word) && !this.keywords.has(word);
  }
}

function meaningsOf(
  lists: readonly KeywordList[],
  wordsFor: (list: KeywordList) => Readonly<Partial<Record<Intent, readonly string[]>>>,
): Meanings {
  const meanings = new Map<string, Meaning>();
  for (const list of lists)
    for (const [intent, words] of Object.entries(wordsFor(list)) as [Intent, readonly string[]][])
      for (const word of words.map(folded)) if (!meanings.has(word)) meanings.set(word, { intent, language: list.language });
  return meanings;
}
