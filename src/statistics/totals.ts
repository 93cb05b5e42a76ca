import { countName } from '../messages/message-figures.js';
import { MESSAGE_STATUSES } from '../messages/message-status.js';
import type { Money } from '../vocabulary.js';
import { moneyIn } from './charges.js';
import type { Sums, TotalRow } from './statistics.queries.js';

export interface DimensionFigures {
  key: string;
  total: number;
  delivered: number;
  failed: number;
  successRate: number;
  cost: Money | null;
}

export const STATUS_COUNTS = MESSAGE_STATUSES.map(countName);

export const sum = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((total, item) => total + of(item), 0);

export const rate = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export const sumsOf = (row: TotalRow): TotalRow & Sums => ({
  ...row,
  total: sum(STATUS_COUNTS, (name) => row[name]),
  delivered: row.delivered + row.read,
});

export const addSums = (rows: readonly Sums[]): Pick<Sums, 'total' | 'delivered' | 'failed'> => ({
  total: sum(rows, ({ total }) => total),
  delivered: sum(rows, ({ delivered }) => delivered),
  failed: sum(rows, ({ failed }) => failed),
});

/** The largest first. What has no key (no provider was asked yet) is left out. */
export function breakdown<T extends Sums>(
  rows: readonly T[],
  keyOf: (row: T) => string | null,
  currency: string | null,
): DimensionFigures[] {
  const groups = [...Map.groupBy(rows, keyOf)].flatMap(([key, own]) => {
    const sums = addSums(own);
    if (key === null || sums.total === 0) return [];
    return [{ key, ...sums, successRate: rate(sums.delivered, sums.delivered + sums.failed), cost: moneyIn(currency, own) }];
  });
  return groups.toSorted((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1));
}
