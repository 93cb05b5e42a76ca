import { canonicalTag } from '../../platform/language-tag.js';

/** "en-us" as "en-US"; what is no language tag as it is, for the checks to refuse. */
export const canonicalLanguage = (tag: string): string => canonicalTag(tag) ?? tag;
