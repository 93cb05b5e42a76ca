import { z } from 'zod';
import { Refusal } from '../errors.js';
import { Channel } from '../vocabulary.js';
import { parsePhoneNumber } from './phone-number.js';

/** One address of a person, in the one form in which it is hashed and stored. */
export interface Address {
  /** What kind it is: numbers are SMS, WHATSAPP is a user id. */
  channel: Channel;
  address: string;
  /** The sender account that knows it; '' for all. */
  scope: string;
}

const LONGEST_EMAIL = 254;
const LONGEST_SCOPE = 255;
/** Meta's user ids: a country code, a dot, and at most 128 letters and digits. */
const WHATSAPP_USER_ID = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;
const Email = z.email();

/** As people write it. Throws Refusal INVALID_PHONE_NUMBER. Landlines too: they may be on WhatsApp. */
export function phoneAddress(raw: string, defaultCountry: string | null, path: string[]): Address {
  try {
    return { channel: Channel.SMS, address: parsePhoneNumber(raw, { channel: Channel.WHATSAPP, defaultCountry }).e164, scope: '' };
  } catch (error) {
    if (error instanceof Refusal) throw error.at(() => path);
    throw error;
  }
}

/** Throws Refusal INVALID_EMAIL. */
export function emailAddress(raw: string, path: string[]): Address {
  const address = raw.trim().toLowerCase();
  if (address.length > LONGEST_EMAIL || !Email.safeParse(address).success)
    throw new Refusal('INVALID_EMAIL', `Expected an email address of at most ${LONGEST_EMAIL} characters, e.g. name@example.org.`, path);
  return { channel: Channel.EMAIL, address, scope: '' };
}

export const isWhatsAppUserId = (address: string): boolean => WHATSAPP_USER_ID.test(address);

/** Throws Refusal INVALID_INPUT. */
export function whatsAppAddress(raw: string, scope: string, path: string[]): Address {
  const address = raw.trim();
  if (!isWhatsAppUserId(address)) throw new Refusal('INVALID_INPUT', 'Expected a WhatsApp user id, e.g. SA.13491208655302741918.', path);
  if (scope.length > LONGEST_SCOPE || scope.includes('\0')) {
    const message = `A scope has at most ${LONGEST_SCOPE} characters, without U+0000.`;
    throw new Refusal('INVALID_INPUT', message, [...path.slice(0, -1), 'whatsAppScope']);
  }
  // As PostgreSQL stores and finds it.
  return { channel: Channel.WHATSAPP, address, scope: scope.toWellFormed() };
}

/** What `typed` may stand for, whichever kind it is; none where it is no address: a search refuses nothing. */
export function addressesIn(typed: string, defaultCountry: string | null): Address[] {
  const readings = [() => phoneAddress(typed, defaultCountry, []), () => emailAddress(typed, []), () => whatsAppAddress(typed, '', [])];
  return readings.flatMap((read) => {
    try {
      return [read()];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
}
