import {
  isSupportedCountry,
  ParseError,
  parsePhoneNumberFromString,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
  type CountryCode,
  type NumberType,
  type PhoneNumber,
} from 'libphonenumber-js/max';
import { Refusal } from '../errors.js';
import type { Channel } from '../vocabulary.js';

export interface PhoneNumberRules {
  channel: Channel;
  /** ISO 3166 code that numbers without a country code belong to. */
  defaultCountry?: string | null;
  /** ISO 3166 codes; null allows all, an empty list none. */
  allowedCountries?: readonly string[] | null;
}

export interface ParsedPhoneNumber {
  e164: string;
  /** ISO 3166 alpha-2, or NO_COUNTRY. */
  country: string;
}

/**
 * libphonenumber's code for satellite and other international networks. Null would not do: it is kept with WhatsApp user ids, which
 * no list of allowed countries is about, while every such list leaves these numbers out.
 */
export const NO_COUNTRY = '001';

const MAX_LENGTH = 40;
/** Zeros of the digit sets that people type numbers with: Arabic, Persian, Devanagari, Bengali, fullwidth. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10];
const FOREIGN_DIGIT = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\uff10-\uff19]/g;
/** Control and format characters come along when a number is copied from a page that is written right to left. */
const FILLING = /[\s\p{Cf}\p{Pd}\u2212./()[\]]/gu;
const EXTENSION = /(?:;ext=|ext\.?|x|#)\s*:?\s*\d{1,7}$/i;

/** Only where every number of the kind is out of reach; VoIP and personal numbers may be reached. */
const WITHOUT_SMS: Partial<Record<NonNullable<NumberType>, string>> = {
  FIXED_LINE: 'a landline',
  PREMIUM_RATE: 'a premium-rate number',
  TOLL_FREE: 'a toll-free number',
  SHARED_COST: 'a shared-cost number',
  UAN: 'a company number',
  PAGER: 'a pager',
  VOICEMAIL: 'a voicemail box',
};

/** Reads a number as people write it. Throws Refusal INVALID_PHONE_NUMBER or COUNTRY_NOT_ALLOWED with the path ["to"]. */
export function parsePhoneNumber(raw: string, rules: PhoneNumberRules): ParsedPhoneNumber {
  const number = read(digitsOf(raw), rules.defaultCountry);
  const type = number.getType();
  if (type === undefined) throw invalid(whyInvalid(number));
  const kind = rules.channel === 'SMS' ? WITHOUT_SMS[type] : undefined;
  if (kind) throw invalid(`The number is ${kind}, which does not receive SMS.`);
  const country = number.country ?? NO_COUNTRY;
  if (rules.allowedCountries && !rules.allowedCountries.includes(country))
    throw new Refusal('COUNTRY_NOT_ALLOWED', `This tenant does not send to ${placeOf(number)}.`, ['to']);
  return { e164: number.number, country };
}

const invalid = (message: string): Refusal => new Refusal('INVALID_PHONE_NUMBER', message, ['to']);

/** Digits with at most one + before them. */
function digitsOf(raw: string): string {
  if (raw.length > MAX_LENGTH) throw invalid(`The number is longer than ${MAX_LENGTH} characters.`);
  const bare = inWesternDigits(raw)
    .trim()
    .replace(/^(?:tel|whatsapp):/i, '');
  if (EXTENSION.test(bare)) throw invalid('The number has an extension, and messages do not reach extensions; leave it out.');
  const digits = bare.replace(FILLING, '');
  if (/\p{L}/u.test(digits)) throw invalid('The number has letters in it; write it in digits.');
  if (!/^\+?\d+$/.test(digits)) throw invalid('Write the number in digits, with one + before the country code.');
  return digits;
}

export const inWesternDigits = (text: string): string => text.replace(FOREIGN_DIGIT, westernDigit).replaceAll('＋', '+');

/** As it is dialled within the country, without the 0 before it; null for a number of another one. */
export function nationalDigits(e164: string, country: string | null): string | null {
  const number = parsePhoneNumberFromString(e164);
  return number?.country !== undefined && number.country === country ? number.nationalNumber : null;
}

function westernDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  return String(code - (ZEROS.findLast((zero) => zero <= code) ?? code));
}

/** 00 stands for + almost everywhere, but some countries dial 001, 0011 or 000, which begin like it. */
function read(digits: string, defaultCountry: string | null | undefined): PhoneNumber {
  const country = defaultCountry && isSupportedCountry(defaultCountry) ? defaultCountry : undefined;
  const withPlus = digits.replace(/^00/, '+');
  if (!country || withPlus === digits) return parse(withPlus, country);
  const [dialled, plain] = [valid(digits, country), valid(withPlus, country)];
  if (dialled) {
    if (plain && plain.number !== dialled.number && !outweighs(dialled, plain)) throw invalid(UNCERTAIN);
    return dialled;
  }
  // The other prefixes of Indonesia are not among those that the library knows.
  if (country === 'ID' && plain && plain.country !== 'ID') throw invalid(UNCERTAIN);
  return parse(withPlus, country);
}

const UNCERTAIN = 'It is not certain where the country code of the number begins; write + before it.';

/** Nearly any ten digits make a number in +1, so that being one after 00 says little. */
const outweighs = (dialled: PhoneNumber, plain: PhoneNumber): boolean =>
  plain.countryCallingCode === '1' && !WITHOUT_SMS[dialled.getType() ?? 'FIXED_LINE'];

function valid(digits: string, defaultCountry: CountryCode): PhoneNumber | null {
  const number = parsePhoneNumberFromString(digits, { defaultCountry, extract: false });
  return number?.getType() === undefined ? null : number;
}

function parse(digits: string, country: CountryCode | undefined): PhoneNumber {
  if (!digits.startsWith('+') && !country)
    throw invalid("The number has no country: add + and the country code, or set the tenant's default country.");
  try {
    return parsePhoneNumberWithError(digits, { defaultCountry: country, extract: false });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw invalid(UNREADABLE[error.message] ?? 'This is not a phone number.');
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  INVALID_COUNTRY: 'The number begins with a country code that does not exist.',
  TOO_SHORT: 'The number has too few digits.',
  TOO_LONG: 'The number has too many digits.',
};

/** For people. */
const placeOf = ({ country, countryCallingCode }: PhoneNumber): string => country ?? `+${countryCallingCode}`;

function whyInvalid(number: PhoneNumber): string {
  const place = placeOf(number);
  const length = validatePhoneNumberLength(number.number);
  if (length === 'TOO_SHORT') return `The number has too few digits for ${place}.`;
  if (length === 'TOO_LONG') return `The number has too many digits for ${place}.`;
  return `The number lies outside the ranges in use in ${place}; check its digits.`;
}
