import type { ContactRef } from '../contacts/contact.service.js';
import { Refusal, type UserError } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { ConsentSource } from './consent.row.js';

/** What a caller says about a person's consent. */
export interface ConsentInput {
  contact: ContactRef;
  channels: Channel[];
  categories: MessageCategory[];
  source: ConsentSource;
  statement?: string | null;
  evidence?: Record<string, unknown> | null;
  expiresAt?: Date | null;
}

const LONGEST_STATEMENT = 2_000;
const LARGEST_EVIDENCE = 10_000;
/** Written by what happens here, not by what a caller says: START lifts what STOP set, and nothing else. */
const OURS: readonly ConsentSource[] = ['KEYWORD', 'DOUBLE_OPT_IN', 'PROVIDER'];

export const invalid = (message: string, ...field: string[]): UserError => ({ code: 'INVALID_INPUT', message, field });

function problemsOfStatement(statement: string | null | undefined): UserError[] {
  return (statement?.length ?? 0) > LONGEST_STATEMENT ? [invalid(`At most ${LONGEST_STATEMENT} characters.`, 'statement')] : [];
}

export function problemsOfEvidence(evidence: object | null | undefined): UserError[] {
  const size = evidence ? JSON.stringify(evidence).length : 0;
  return size > LARGEST_EVIDENCE ? [invalid(`At most ${LARGEST_EVIDENCE} characters of JSON.`, 'evidence')] : [];
}

export function problemsOfScope({
  channels,
  categories,
}: {
  channels: readonly Channel[];
  categories: readonly MessageCategory[];
}): UserError[] {
  return [
    ...(channels.length === 0 ? [invalid('Name at least one channel.', 'channels')] : []),
    ...(categories.length === 0 ? [invalid('Name at least one category.', 'categories')] : []),
  ];
}

/** Lists without repetitions, texts trimmed. Throws one Refusal with everything that is wrong. */
export function checkConsent(input: ConsentInput, now: Date): ConsentInput {
  const problems = [
    ...problemsOfScope(input),
    ...problemsOfStatement(input.statement),
    ...problemsOfEvidence(input.evidence),
    ...(OURS.includes(input.source)
      ? [invalid(`${input.source} is recorded by what happens here; name where you know it from.`, 'source')]
      : []),
    ...(input.expiresAt && input.expiresAt <= now ? [invalid('expiresAt must lie in the future.', 'expiresAt')] : []),
  ];
  if (problems.length > 0) throw new Refusal(problems);
  return {
    ...input,
    channels: [...new Set(input.channels)],
    categories: [...new Set(input.categories)],
    statement: input.statement?.trim() || null,
    evidence: input.evidence ?? null,
    expiresAt: input.expiresAt ?? null,
  };
}
