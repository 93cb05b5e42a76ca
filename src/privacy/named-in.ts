import { isWhatsAppUserId } from '../contacts/address.js';
import { inWesternDigits, nationalDigits } from '../contacts/phone-number.js';

/** What stands between the digits of a number. A + begins another one. */
const BETWEEN = '[^\\p{L}\\p{Nd}+]*';

/**
 * Whether one of the addresses stands in a text, with whatever else: "+1 (415) 555-0133 ext 5", "Sara <sara@example.org>". Not where it is
 * only a part of another one.
 */
export function namedIn(names: readonly string[], defaultCountry: string | null): (text: string) => boolean {
  const numbers = names.filter((name) => /^\+\d+$/.test(name));
  const whole = numbers.map((number) => digitsApart('(?:00)?', number.slice(1)));
  const national = numbers.flatMap((number) => {
    const digits = nationalDigits(number, defaultCountry);
    return digits ? [digitsApart('0?', digits)] : [];
  });
  const words = names
    .filter((name) => name.includes('@') || isWhatsAppUserId(name))
    .map((name) => new RegExp(`(?<![\\p{L}\\p{Nd}._%+-])${escaped(name)}(?![\\p{L}\\p{Nd}_%+-]|\\.[\\p{L}\\p{Nd}])`, 'iu'));
  return (text) => {
    const western = inWesternDigits(text);
    const numbersIn = /\+|^\D*00/.test(western) ? whole : [...whole, ...national];
    return [...numbersIn, ...words].some((pattern) => pattern.test(western));
  };
}

const escaped = (name: string): string => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const digitsApart = (before: string, digits: string): RegExp =>
  new RegExp(`(?<!\\p{Nd})${before}${[...digits].join(BETWEEN)}(?!\\p{Nd})`, 'u');
