import type { Money } from '../vocabulary.js';

/** Amounts are kept to the millionth, as in the database; floats would lose some of them. */
const DECIMALS = 6;
const AMOUNT = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/;

/** Whether an amount can be kept exactly: at most 12 digits before the point and 6 after it. */
export const isExact = (amount: string): boolean => AMOUNT.test(amount);

export function toMicros(amount: string): bigint {
  const [, sign, whole, fraction = ''] = AMOUNT.exec(amount) ?? [];
  if (whole === undefined) throw new Error('Not an amount of at most 12 digits and 6 decimals.');
  const micros = BigInt(whole + fraction.padEnd(DECIMALS, '0'));
  return sign ? -micros : micros;
}

/** Of any number of decimals, as the database keeps it: rounded to the millionth, halves away from zero. */
export function microsOf(amount: string): bigint {
  const [whole = '', fraction = ''] = amount.split('.');
  const micros = toMicros(`${whole}.${fraction.slice(0, 6).padEnd(6, '0')}`);
  if (fraction.charAt(6) < '5') return micros;
  return whole.startsWith('-') ? micros - 1n : micros + 1n;
}

export function fromMicros(micros: bigint): string {
  const digits = String(micros < 0n ? -micros : micros).padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return (micros < 0n ? '-' : '') + digits.slice(0, -DECIMALS) + (fraction && `.${fraction}`);
}

/** Null where they are of different currencies; what has come to nothing is of none. */
export function sum(all: readonly Money[]): Money | null {
  const something = all.filter(({ amount }) => toMicros(amount) !== 0n);
  const amounts = something.length > 0 ? something : all.slice(0, 1);
  const [first] = amounts;
  if (!first || amounts.some(({ currency }) => currency !== first.currency)) return null;
  return { amount: fromMicros(amounts.reduce((total, { amount }) => total + toMicros(amount), 0n)), currency: first.currency };
}
