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
const QUOTED = /"[^"]*"|'[^']*'/g;
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
  const kept = prints ? [...markup.matchAll(/(?:default|append|prepend|replace)\s*:[^|}]*/g)] : [...markup.matchAll(/assign[^]*/g)];
  const quotes = kept.flatMap((part) =>
    [...part[0].matchAll(QUOTED)].map((quoted) => [part.index + quoted.index + 1, quoted[0].slice(1, -1)] as const),
  );
  return quotes.reduce((text, [at, words]) => text.slice(0, at) + words + text.slice(at + words.length), blank(markup));
}

const blank = (markup: string): string => markup.replace(/[^\n]/g, ' ');

function namesIn(markup: string): string[] {
  const code = markup
    .replace(QUOTED, ' ')
    .replace(/\|\s*\w+/g, ' ')
    .replace(/\w+\s*:(?!\w)/g, ' ');
  return (code.match(NAME) ?? []).filter((name) => !WORDS_OF_LIQUID.has(name));
}
