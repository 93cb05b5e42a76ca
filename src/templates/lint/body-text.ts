/** Stands for a value that is printed. */
export const VALUE = '\uFFFC';

export interface BodyText {
  /** What is said, at the offsets of the source: markup is blank, a printed value begins with VALUE. */
  text: string;
  /** Every name used in the markup: `patient.name`. */
  variables: string[];
  lineAt(offset: number): number;
}

const MARKUP = /\{\{[^]*?\}\}|\{%[^]*?%\}/g;
const COMMENT = /\{%-?\s*comment\s*-?%\}[^]*?\{%-?\s*endcomment\s*-?%\}/g;
const QUOTE = `(?:"[^"]*"|'[^']*')`;
const QUOTED = new RegExp(QUOTE, 'g');
/** A value that is written out, or words that a filter adds. */
const PRINTED = new RegExp(
  `^\\{\\{-?\\s*${QUOTE}|(?:default|append|prepend|replace|truncate|truncatewords|join)\\s*:(?:${QUOTE}|[^|}"'])*`,
  'g',
);
const WRITTEN_OUT = new RegExp(
  `^(\\{\\{-?\\s*|\\{%-?\\s*assign\\s+[\\w-]+\\s*=\\s*)(${QUOTE})\\s*\\|\\s*(append|prepend)\\s*:\\s*(${QUOTE})`,
);
const NAME = /[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*/g;
const WORDS_OF_LIQUID = new Set(
  `if elsif else endif unless endunless for endfor in case when endcase assign capture endcapture and or not contains true false nil null blank empty limit offset reversed
  forloop break continue cycle tablerow endtablerow with as increment decrement raw endraw echo liquid render include`.split(/\s+/),
);

export function readBody(source: string): BodyText {
  const variables = new Set<string>();
  const text = source.replace(COMMENT, blank).replace(MARKUP, (markup) => {
    for (const name of namesIn(markup)) variables.add(name);
    const prints = markup.startsWith('{{');
    return (prints ? VALUE : ' ') + visible(markup, prints).slice(1);
  });
  return { text, variables: [...variables], lineAt: (offset) => source.slice(0, offset).split('\n').length };
}

/** Quoted text may be printed, so it stays; the format of a date is not text. */
function visible(markup: string, prints: boolean): string {
  const code = inOnePiece(markup);
  const kept = [...code.matchAll(prints ? PRINTED : /(?:assign|for)\s[^]*/g)];
  const quotes = kept.flatMap((part) =>
    [...part[0].matchAll(QUOTED)].map((quoted) => [part.index + quoted.index + 1, quoted[0].slice(1, -1)] as const),
  );
  return quotes.reduce((text, [at, words]) => text.slice(0, at) + words + text.slice(at + words.length), blank(code));
}

/** A word may be put together of quoted parts. */
function inOnePiece(markup: string): string {
  const joined = markup.replace(WRITTEN_OUT, (parts: string, before: string, head: string, filter: string, added: string) => {
    const words = (filter === 'append' ? [head, added] : [added, head]).map((quoted) => quoted.slice(1, -1)).join('');
    return `${before}"${words.replaceAll('"', ' ')}"`.padEnd(parts.length);
  });
  return joined === markup ? markup : inOnePiece(joined);
}

const blank = (markup: string): string => markup.replace(/[^\n]/g, ' ');

function namesIn(markup: string): string[] {
  const code = markup
    .replace(QUOTED, ' ')
    .replace(/\|\s*\w+/g, ' ')
    // From the start of the word alone: from each of its letters, a long one would take the square of its length.
    .replace(/(?<!\w)\w+\s*:(?!\w)/g, ' ');
  return (code.match(NAME) ?? []).filter((name) => !WORDS_OF_LIQUID.has(name));
}
