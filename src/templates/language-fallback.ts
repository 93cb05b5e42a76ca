import type { Channel } from '../vocabulary.js';

/** The languages to look for, best first: ar-SA, ar, the tenant's own, en. */
export function languagesFor(wanted: string | null, tenantLanguage: string | null): string[] {
  const chains = [wanted, tenantLanguage, 'en'].flatMap((tag) => (tag ? [tag, ...shorter(tag)] : []));
  return [...new Set(chains)];
}

/** zh-Hant-TW: zh-Hant, zh. Extensions (ar-u-nu-arab) count for figures alone. */
function shorter(tag: string): string[] {
  const { baseName } = new Intl.Locale(tag);
  const parts = baseName.split('-');
  return parts.map((_part, index) => parts.slice(0, parts.length - index).join('-'));
}

interface Translated {
  language: string;
  /** Null: every channel that has no text of its own. */
  channel: Channel | null;
}

/**
 * The text for a reader: the best language comes first, then the channel's own text before the one for all. Where none of
 * the languages is there, that of the first text that suits the channel. Null when the template has nothing for the channel.
 */
export function pickTranslation<T extends Translated>(
  translations: readonly T[],
  channel: Channel,
  languages: readonly string[],
): T | null {
  const suiting = [...translations.filter((one) => one.channel === channel), ...translations.filter((one) => one.channel === null)];
  const first = translations.find((one) => one.channel === channel || one.channel === null);
  for (const language of first ? [...languages, first.language] : []) {
    const found = suiting.find((one) => one.language.toLowerCase() === language.toLowerCase());
    if (found) return found;
  }
  return null;
}
