import { draftOf, type ContactDraft, type UpsertContact } from '../contacts/contact-draft.js';
import { Refusal, type UserError } from '../errors.js';
import { momentIn } from '../platform/moment.js';
import { Channel, MessageCategory } from '../vocabulary.js';
import { checkConsent, invalid } from './consent-terms.js';
import { ConsentSource } from './consent.row.js';

/** A line of an uploaded file, as it was written. */
export interface ConsentLine {
  /** Its number in the file, from 1. */
  line: number;
  /** By the columns that are known; null where the cell is empty. */
  values: Partial<Record<ConsentColumn, string | null>>;
  /** What stands in the other columns. */
  others: Record<string, string>;
  /** Why it cannot be read. */
  fault: string | null;
}

export const PERSON_COLUMNS = ['externalId', 'phone', 'email', 'whatsAppUserId', 'whatsAppScope', 'name', 'language', 'timeZone'] as const;
export const CONSENT_COLUMNS = ['channels', 'categories', 'state', 'source', 'statement', 'evidence', 'expiresAt'] as const;
export type ConsentColumn = (typeof PERSON_COLUMNS)[number] | (typeof CONSENT_COLUMNS)[number];

/** What counts where a line says nothing. */
export type ImportTerms = Partial<Record<(typeof CONSENT_COLUMNS)[number], string | null>>;

/** A line that can be recorded. */
export interface ReadLine {
  line: number;
  draft: ContactDraft;
  state: 'GRANTED' | 'WITHDRAWN';
  channels: Channel[];
  categories: MessageCategory[];
  source: ConsentSource;
  statement: string | null;
  evidence: Record<string, unknown> | null;
  expiresAt: Date | null;
}

/** "SMS WHATSAPP", "SMS;WHATSAPP" or "SMS|WHATSAPP", in capitals or not. */
function listOf<T extends string>(
  text: string,
  known: Readonly<Record<string, T>>,
  field: string,
  expected = `Expected ${Object.values(known).join(', ')}, with spaces between.`,
): T[] {
  const words = text
    .toUpperCase()
    .split(/[\s;|,]+/)
    .filter(Boolean);
  return words.map((word) => {
    const value = known[word];
    if (value === undefined || !Object.hasOwn(known, word)) throw new Refusal('INVALID_INPUT', expected, [field]);
    return value;
  });
}

/** Throws Refusal with everything that is wrong with the line. */
export function readLine(
  { line, values, others, fault }: ConsentLine,
  terms: ImportTerms,
  defaultCountry: string | null,
  now: Date,
): ReadLine {
  if (fault !== null) throw new Refusal('INVALID_INPUT', fault, []);
  const value = (column: (typeof CONSENT_COLUMNS)[number], otherwise: string | null): string | null =>
    values[column] ?? terms[column] ?? otherwise;
  const problems: UserError[] = [];
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(...error.reasons);
      return null;
    }
  };
  const person: UpsertContact = Object.fromEntries(PERSON_COLUMNS.map((column) => [column, values[column] ?? undefined]));
  const draft = attempt(() => draftOf(person, defaultCountry));
  const state = attempt(() => one(value('state', 'GRANTED'), { GRANTED: 'GRANTED', WITHDRAWN: 'WITHDRAWN' } as const, 'state'));
  const source = attempt(() => one(value('source', 'IMPORT'), ConsentSource, 'source'));
  const lastsUntil = attempt(() => timeOf(value('expiresAt', null)));
  const consent = attempt(() =>
    checkConsent(
      {
        contact: {},
        channels: listOf(value('channels', '') ?? '', Channel, 'channels'),
        categories: listOf(value('categories', 'UTILITY') ?? '', MessageCategory, 'categories'),
        source: source ?? 'IMPORT',
        statement: value('statement', null),
        evidence: evidenceOf(value('evidence', null), others),
        // A withdrawal has no end; its line may say when the consent would have ended.
        expiresAt: state === 'GRANTED' ? lastsUntil : null,
      },
      now,
    ),
  );
  if (problems.length > 0 || !draft || !state || !source || !consent) throw new Refusal(problems);
  const { channels, categories, statement = null, evidence = null, expiresAt = null } = consent;
  return { line, draft, state, channels, categories, source, statement, evidence, expiresAt };
}

function one<T extends string>(text: string | null, known: Readonly<Record<string, T>>, field: string): T {
  const expected = `One of ${Object.values(known).join(', ')}.`;
  const [value, another] = listOf(text ?? '', known, field, expected);
  if (value === undefined || another !== undefined) throw new Refusal('INVALID_INPUT', expected, [field]);
  return value;
}

/** The same for the same line, so that a file that is uploaded twice says nothing new the second time. */
function evidenceOf(text: string | null, others: Record<string, string>): Record<string, unknown> | null {
  const evidence = { ...others, ...(text === null ? {} : { evidence: text }) };
  return Object.keys(evidence).length > 0 ? evidence : null;
}

function timeOf(text: string | null): Date | null {
  if (text === null) return null;
  const time = momentIn(text);
  if (!time) throw new Refusal([invalid('Expected a date, or a time with its zone, e.g. 2027-01-31T12:00:00Z.', 'expiresAt')]);
  return time;
}
