const LONGEST = 35;

/** "en-us" as "en-US"; null for what is no BCP 47 tag. */
export function canonicalLanguage(tag: string): string | null {
  if (tag.length > LONGEST) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
