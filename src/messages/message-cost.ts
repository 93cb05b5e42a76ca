import type { Money } from '../vocabulary.js';
import type { EarlierCharge, MessageRow } from './message.row.js';
import { fromMicros, microsOf } from './money.js';

type Charged = Pick<MessageRow, 'costAmount' | 'costCurrency' | 'earlierCharges'>;

/** The newest call's first. */
export function chargesOf({ costAmount, costCurrency, earlierCharges }: Charged): Money[] {
  const newest = costAmount !== null && costCurrency !== null ? [{ amount: costAmount, currency: costCurrency }] : [];
  return earlierCharges ? [...newest, ...earlierCharges.toReversed()] : newest;
}

/** Of all calls, in the currency of the newest charge: amounts in several do not add up. */
export function costOf(row: Charged): Money | null {
  const [newest, ...others] = chargesOf(row);
  if (!newest || others.length === 0) return newest ?? null;
  const own = [newest, ...others].filter(({ currency }) => currency === newest.currency);
  return { amount: fromMicros(own.reduce((total, { amount }) => total + microsOf(amount), 0n)), currency: newest.currency };
}

/** For who calls a provider again: what this call was charged is an earlier charge from then on. Empty where it was nothing. */
export function chargeKept(row: MessageRow): Partial<MessageRow> {
  const { costAmount, costCurrency, providerMessageId } = row;
  if (costAmount === null || costCurrency === null) return {};
  const charge = { providerMessageId, amount: costAmount, currency: costCurrency };
  return { ...withEarlier(row, charge), costAmount: null, costCurrency: null };
}

export const withEarlier = (row: Pick<MessageRow, 'earlierCharges'>, charge: EarlierCharge): Partial<MessageRow> => ({
  earlierCharges: [...(row.earlierCharges ?? []), charge],
});
