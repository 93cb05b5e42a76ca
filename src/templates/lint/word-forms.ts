import { foldWord } from './fold-word.js';

const ARABIC = /^[\u0600-\u06ff]/;
const ENDINGS = ['ك', 'كم', 'ها', 'هم', 'نا', 'ه'];

/** What a word of a text may be a form of: itself, its singular, and in Arabic what stands between the article, particles and possessives. */
export function wordForms(word: string): string[] {
  const folded = foldWord(word);
  return [...new Set(ARABIC.test(folded) ? arabicForms(folded) : latinForms(folded))];
}

/** The form under which a word of the lists is kept. */
export function listForm(word: string): string {
  const folded = foldWord(word);
  return /^ال..+/.test(folded) ? folded.slice(2) : folded;
}

function latinForms(word: string): string[] {
  if (!/^[a-z\d]+s$/.test(word) || word.length < 4 || word.endsWith('ss')) return [word];
  const forms = [word, word.slice(0, -1)];
  if (word.endsWith('es')) forms.push(word.slice(0, -2));
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`);
  return forms;
}

function arabicForms(word: string): string[] {
  const starts = /^[وف]...+/.test(word) ? [word, word.slice(1)] : [word];
  starts.push(...starts.filter((start) => /^(?:[بلك]ال|لل)..+/.test(start) || /^[بلك]....+/.test(start)).map((start) => start.slice(1)));
  const bare = starts.flatMap((start) =>
    /^ال..+/.test(start) ? [start, start.slice(2)] : /^ل..+/.test(start) ? [start, start.slice(1)] : [start],
  );
  return bare.flatMap((form) => [form, ...withoutPossessive(form)]);
}

/** نتيجتك is a نتيجة: the ة is written ت before an ending. */
function withoutPossessive(form: string): string[] {
  return ENDINGS.filter((ending) => form.endsWith(ending) && form.length - ending.length >= 3).flatMap((ending) => {
    const stem = form.slice(0, -ending.length);
    if (ending === 'ه' && form.length < 6) return [];
    return stem.endsWith('ت') ? [stem, `${stem.slice(0, -1)}ه`] : [stem];
  });
}
