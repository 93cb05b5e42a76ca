import { fromMicros, toMicros } from '../messages/money.js';
import type { Money } from '../vocabulary.js';
import type { Charge } from './statistics.queries.js';

/** What was charged in a currency; null where nothing was. */
export function costIn(currency: string | null, rows: readonly Charge[]): string | null {
  const own = rows.filter((row) => row.currency !== null && row.currency === currency);
  const micros = own.reduce((total, { cost }) => total + toMicros(cost), 0n);
  return micros === 0n ? null : fromMicros(micros);
}

export function moneyIn(currency: string | null, rows: readonly Charge[]): Money | null {
  const amount = costIn(currency, rows);
  return currency === null || amount === null ? null : { amount, currency };
}

/** By currency, in their alphabetical order. */
export function chargesOf(rows: readonly Charge[]): Money[] {
  const currencies = [...new Set(rows.flatMap(({ currency }) => currency ?? []))].toSorted();
  return currencies.flatMap((currency) => moneyIn(currency, rows) ?? []);
}

/**
 * Amounts in several currencies do not add up, and no rate of exchange is known here. So one of them is told: the
 * tenant's own, or where nothing was charged in it, the first of the others. `costs` has them all.
 */
export function currencyOf(rows: readonly Charge[], own: string): string | null {
  const charged = chargesOf(rows).map(({ currency }) => currency);
  return charged.includes(own) ? own : (charged[0] ?? null);
}
