/** Legal tags are shorter, also those with a calendar, digits and hours: RFC 5646 has programs take 35 characters at least. */
const LONGEST = 100;

/** "en-us" as "en-US"; null for what is no BCP 47 tag. */
export function canonicalTag(tag: string): string | null {
  // Not left to Intl: it takes seconds for a tag of some hundred kilobytes, and nothing else runs meanwhile.
  if (tag.length > LONGEST) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
