import { isSupportedCountry } from 'libphonenumber-js/max';
import { UserErrorCode, type UserError } from '../errors.js';
import { canonicalTag } from '../platform/language-tag.js';
import { isTimeZone } from '../platform/time-zone.js';
import { MessageCategory } from '../vocabulary.js';
import type { FrequencyCap, QuietHours } from './tenant.entity.js';

/** What the rest of the program asks of a tenant. */
export interface TenantSettings {
  id: string;
  slug: string;
  name: string;
  timeZone: string;
  defaultCountry: string | null;
  /** BCP 47; null where none is set. */
  defaultLanguage: string | null;
  currency: string;
  quietHours: QuietHours | null;
  messagingEnabled: boolean;
  retentionDays: number;
  impliedConsent: MessageCategory[];
  /** Null: every country. */
  allowedCountries: string[] | null;
  frequencyCaps: FrequencyCap[];
}

/** What is left out stays as it is; null takes a setting away, where there can be none. */
export type TenantChanges = { [K in keyof Omit<TenantSettings, 'id' | 'slug'>]?: TenantSettings[K] | null };

export const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const LONGEST_NAME = 100;
const LONGEST_RETENTION_DAYS = 3650;
const MOST_CAPS = Object.keys(MessageCategory).length;
const MOST_COUNTRIES = 300;
const EXPECTED_COUNTRY = 'Expected an ISO 3166 country code, e.g. SA.';
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** These have a value always. */
const NEEDED = ['name', 'timeZone', 'currency', 'messagingEnabled', 'retentionDays'] as const;

type Problem = (message: string, ...field: string[]) => void;

function checkQuietHours({ start, end, categories }: QuietHours, problem: Problem): void {
  for (const [name, value] of Object.entries({ start, end }))
    if (!TIME.test(value)) problem('Expected a time as HH:MM, e.g. 21:30.', 'quietHours', name);
  if (start === end) problem('Quiet hours must end at another time than they start.', 'quietHours', 'end');
  if (categories.length === 0) problem('Name the categories that wait, or set quietHours to null.', 'quietHours', 'categories');
  if (categories.includes(MessageCategory.AUTHENTICATION)) problem('Codes and security alerts never wait.', 'quietHours', 'categories');
}

function checkCaps(caps: FrequencyCap[], problem: Problem): void {
  if (caps.length > MOST_CAPS) return problem(`At most ${MOST_CAPS} caps.`, 'frequencyCaps');
  caps.forEach(({ category, max, perSeconds }, index) => {
    const at = ['frequencyCaps', String(index)];
    if (max < 1) problem('A cap must allow at least 1 message.', ...at, 'max');
    if (perSeconds < 1) problem('A cap needs a period of at least 1 second.', ...at, 'perSeconds');
    if (caps.findIndex((cap) => cap.category === category) !== index) problem(`${category} has a cap already.`, ...at, 'category');
  });
}

function checkCountries(countries: string[], problem: Problem): void {
  if (countries.length === 0) problem('Name at least one country, or set allowedCountries to null to allow all.', 'allowedCountries');
  if (countries.length > MOST_COUNTRIES) return problem(`At most ${MOST_COUNTRIES} countries.`, 'allowedCountries');
  countries.forEach((country, index) => {
    if (!isCountry(country)) problem(EXPECTED_COUNTRY, 'allowedCountries', String(index));
  });
}

const capitals = (code: string): string => code.toUpperCase();
const isCountry = (code: string): boolean => isSupportedCountry(capitals(code));
const between = (value: number, least: number, most: number): boolean => value >= least && value <= most;

type Check = (changes: TenantChanges, problem: Problem) => void;

/** A setting that is right or wrong as a whole. */
const check =
  <K extends keyof TenantChanges>(field: K, isRight: (value: NonNullable<TenantChanges[K]>) => boolean, message: string): Check =>
  (changes, problem) => {
    const value = changes[field];
    if (value !== null && value !== undefined && !isRight(value)) problem(message, field);
  };

const CHECKS: readonly Check[] = [
  check('name', (name) => between(name.trim().length, 1, LONGEST_NAME), `Expected 1 to ${LONGEST_NAME} characters.`),
  check('timeZone', isTimeZone, 'Expected an IANA time zone, e.g. Asia/Riyadh.'),
  check('defaultCountry', isCountry, EXPECTED_COUNTRY),
  check('defaultLanguage', (language) => canonicalTag(language) !== null, 'Expected a BCP 47 language tag, e.g. en or hi-IN.'),
  check('currency', (currency) => CURRENCIES.has(capitals(currency)), 'Expected an ISO 4217 currency code, e.g. USD.'),
  check('retentionDays', (days) => between(days, 1, LONGEST_RETENTION_DAYS), `Expected 1 to ${LONGEST_RETENTION_DAYS} days.`),
  check('impliedConsent', (categories) => !categories.includes(MessageCategory.MARKETING), 'Promotion always needs recorded consent.'),
  ({ allowedCountries }, problem) => allowedCountries && checkCountries(allowedCountries, problem),
  ({ quietHours }, problem) => quietHours && checkQuietHours(quietHours, problem),
  ({ frequencyCaps }, problem) => frequencyCaps && checkCaps(frequencyCaps, problem),
];

/** Everything that is wrong, at once, and where it stands in what was given: what is stored may stand elsewhere. */
export function problemsOf(changes: TenantChanges): UserError[] {
  const problems: UserError[] = [];
  const problem: Problem = (message, ...field) => void problems.push({ code: UserErrorCode.INVALID_INPUT, message, field });
  for (const field of NEEDED) if (changes[field] === null) problem('This setting cannot be null.', field);
  for (const run of CHECKS) run(changes, problem);
  return problems;
}

const DAY_SECONDS = 86_400;

/** What is wrong with settings together, told at that of them which has changed; what was so before is left alone. */
export function problemsTogether(
  { frequencyCaps, retentionDays }: Pick<TenantSettings, 'frequencyCaps' | 'retentionDays'>,
  changed: readonly string[],
): UserError[] {
  const capsChanged = changed.includes('frequencyCaps');
  if (!capsChanged && !changed.includes('retentionDays')) return [];
  return frequencyCaps.flatMap(({ perSeconds }, index): UserError[] => {
    if (perSeconds <= retentionDays * DAY_SECONDS) return [];
    const field = capsChanged ? ['frequencyCaps', String(index), 'perSeconds'] : ['retentionDays'];
    const message = `A cap of ${perSeconds} seconds cannot count messages that are deleted after ${retentionDays} days (retentionDays).`;
    return [{ code: UserErrorCode.INVALID_INPUT, message, field }];
  });
}

/** How a setting is stored: plain objects, codes in capitals, names trimmed, nothing twice. */
const STORED: { [K in keyof TenantChanges]: (value: NonNullable<TenantChanges[K]>) => TenantChanges[K] } = {
  name: (name) => name.trim(),
  defaultCountry: capitals,
  currency: capitals,
  allowedCountries: (countries) => [...new Set(countries.map(capitals))],
  impliedConsent: (categories) => [...new Set(categories)],
  quietHours: (hours) => ({ ...hours }),
  frequencyCaps: (caps) => caps.map((cap) => ({ ...cap })),
};

/** For null, where there is a list but it can be empty. */
const EMPTIED: TenantChanges = { impliedConsent: [], frequencyCaps: [] };

/** The changes as they are stored, without those that are left out. */
export function normalised(changes: TenantChanges): TenantChanges {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined) as [keyof TenantChanges, unknown][];
  const stored = given.map(([name, value]) => {
    if (value === null) return [name, EMPTIED[name] ?? null];
    const store = STORED[name] as ((value: unknown) => unknown) | undefined;
    return [name, store ? store(value) : value];
  });
  return Object.fromEntries(stored) as TenantChanges;
}
