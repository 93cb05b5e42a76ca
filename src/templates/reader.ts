/** For whom a text is rendered: dates and money are written as they read them. */
export interface Reader {
  /** BCP 47. */
  language: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 4217, for amounts that name no currency. */
  currency: string;
}

const RIGHT_TO_LEFT = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi']);

const directions = new Map<string, boolean>();

export function readsRightToLeft(language: string): boolean {
  const known = directions.get(language);
  if (known !== undefined) return known;
  const is = RIGHT_TO_LEFT.has(new Intl.Locale(language).language);
  if (directions.size < 1_000) directions.set(language, is);
  return is;
}
