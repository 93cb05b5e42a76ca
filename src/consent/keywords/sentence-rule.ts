import { wordsOf } from './fold-text.js';

const PART = /\[<(\w+)>\]|<(\w+)>|[^<>[\]\s]+/gu;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&');

/** Compiles a rule of a keyword list, of words, `<group>` and `[<group>]`: a sentence matches as a whole or not at all. */
export function ruleMatcher(rule: string, groups: Readonly<Record<string, readonly string[]>>): (text: string) => boolean {
  if (/[<>[\]]/u.test(rule.replaceAll(PART, ''))) throw new Error(`The rule ${JSON.stringify(rule)} has a bracket that is not understood.`);
  const parts = [...rule.matchAll(PART)].map(([part, optional, required]) => {
    const name = optional ?? required;
    if (name === undefined) return `${escaped(wordsOf(part).join(' '))} `;
    const words = (groups[name] ?? missing(rule, name)).map((word) => escaped(wordsOf(word).join(' ')));
    const alternatives = `(?:${words.toSorted((a, b) => b.length - a.length).join('|')}) `;
    return part.startsWith('[') ? `(?:${alternatives}){0,2}` : alternatives;
  });
  const pattern = new RegExp(`^${parts.join('')}$`, 'u');
  return (text) => text.length < 200 && pattern.test(`${text} `);
}

const missing = (rule: string, name: string): never => {
  throw new Error(`The rule ${JSON.stringify(rule)} names the group ${name}, which is not there.`);
};
