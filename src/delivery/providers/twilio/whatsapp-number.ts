import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';

/**
 * The number as it is dialled, which is the one that a send goes to. WhatsApp knows people by the number that they came with: Mexican ones
 * with the 1 that mobile numbers had, many Brazilian ones without the 9 that they got since. Any other, and a user id, stays as it is.
 */
export function dialledNumber(number: string): string {
  const [, mexican] = /^\+521(\d{10})$/.exec(number) ?? [];
  if (mexican) return `+52${mexican}`;
  const [, area, subscriber] = /^(\+55\d\d)([6-9]\d{7})$/.exec(number) ?? [];
  if (!area || read(number)?.isValid()) return number;
  const longer = `${area}9${subscriber}`;
  return read(longer)?.getType() === 'MOBILE' ? longer : number;
}

const read = (number: string): PhoneNumber | undefined => parsePhoneNumberFromString(number, { extract: false });
