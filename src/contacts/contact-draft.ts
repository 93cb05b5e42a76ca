import { Refusal, type UserError } from '../errors.js';
import { isTimeZone } from '../platform/time-zone.js';
import { emailAddress, phoneAddress, whatsAppAddress, type Address } from './address.js';
import { canonicalTag } from '../platform/language-tag.js';

/** What a caller says about a person. What is left out stays as it is; null takes a name, language or time zone away. */
export interface UpsertContact {
  externalId?: string | null;
  phone?: string | null;
  email?: string | null;
  whatsAppUserId?: string | null;
  whatsAppScope?: string | null;
  name?: string | null;
  language?: string | null;
  timeZone?: string | null;
}

/** The same, checked. */
export interface ContactDraft {
  externalId: string | null;
  addresses: Address[];
  name: string | null | undefined;
  language: string | null | undefined;
  timeZone: string | null | undefined;
}

const LONGEST_NAME = 200;
const LONGEST_EXTERNAL_ID = 255;

/** Throws one Refusal with everything that is wrong. */
export function draftOf(input: UpsertContact, defaultCountry: string | null): ContactDraft {
  const problems: UserError[] = [];
  const attempt = <T>(read: () => T): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(...error.reasons);
      return [];
    }
  };
  const { phone, email, whatsAppUserId, whatsAppScope } = input;
  // Not by truth: an empty text was given, and left out it would pass for a change that was made.
  const addresses = [
    ...(typeof phone === 'string' ? attempt(() => phoneAddress(phone, defaultCountry, ['phone'])) : []),
    ...(typeof email === 'string' ? attempt(() => emailAddress(email, ['email'])) : []),
    ...(typeof whatsAppUserId === 'string' ? attempt(() => whatsAppAddress(whatsAppUserId, whatsAppScope ?? '', ['whatsAppUserId'])) : []),
  ];
  // As PostgreSQL stores and finds it, so that half a surrogate pair is no other person the second time.
  const externalId = input.externalId?.toWellFormed() ?? null;
  problems.push(...problemsOf(input));
  if (problems.length === 0 && externalId === null && addresses.length === 0)
    problems.push(invalid('Name the person by externalId, phone, email or whatsAppUserId.', 'externalId'));
  if (problems.length > 0) throw new Refusal(problems);
  const language = typeof input.language === 'string' ? canonicalTag(input.language) : input.language;
  return { externalId, addresses, name: named(input.name), language, timeZone: input.timeZone };
}

const named = (name: string | null | undefined): string | null | undefined => (typeof name === 'string' ? name.trim() || null : name);

const invalid = (message: string, field: string): UserError => ({ code: 'INVALID_INPUT', message, field: [field] });

function problemsOf({ externalId, name, language, timeZone }: UpsertContact): UserError[] {
  const problems: UserError[] = [];
  if (typeof externalId === 'string' && (externalId.length < 1 || externalId.length > LONGEST_EXTERNAL_ID || externalId.includes('\0')))
    problems.push(invalid(`Expected 1 to ${LONGEST_EXTERNAL_ID} characters, without U+0000.`, 'externalId'));
  if (typeof name === 'string' && name.length > LONGEST_NAME) problems.push(invalid(`At most ${LONGEST_NAME} characters.`, 'name'));
  if (typeof language === 'string' && canonicalTag(language) === null)
    problems.push(invalid('Expected a BCP 47 language tag, e.g. en or hi-IN.', 'language'));
  if (typeof timeZone === 'string' && !isTimeZone(timeZone))
    problems.push(invalid('Expected an IANA time zone, e.g. Asia/Riyadh.', 'timeZone'));
  return problems;
}
