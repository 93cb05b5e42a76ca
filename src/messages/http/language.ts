/** "en-us" as "en-US"; what is no language tag as it is, for the checks to refuse. */
export function canonicalLanguage(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return tag;
  }
}
