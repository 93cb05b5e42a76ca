import { MEDICAL_ENDINGS, ORDINARY_WORDS } from './data/medical-endings.js';
import type { HealthKind } from './health-kind.js';
import type { Match, Word } from './phrase-book.js';

const PATTERNS = MEDICAL_ENDINGS.map(
  ([kind, endings]) => [kind, new RegExp(`^[a-z]*(?:${endings.trim().split(/\s+/).join('|')})$`)] as const,
);

/** Words that look medical by their endings, known or not. */
export const medicalEndings = (words: readonly Word[]): Match<HealthKind>[] =>
  words.flatMap(({ forms, start, end, sentence }) => {
    const candidates = [...forms].filter((form) => form.length > 5 && !ORDINARY_WORDS.has(form));
    if (candidates.length < forms.size) return [];
    const [kind] = PATTERNS.find(([, pattern]) => candidates.some((form) => pattern.test(form))) ?? [];
    return kind ? [{ kind, start, end, sentence }] : [];
  });
