import { dateAt, startOfDay } from '../platform/time-zone.js';
import type { BudgetPeriod } from './budget.queries.js';

/** The day or month that `at` lies in, by the tenant's clock. */
export function periodOf(period: BudgetPeriod, at: Date, timeZone: string): { from: Date; to: Date } {
  const today = dateAt(at, timeZone);
  const [first, next] =
    period === 'DAY'
      ? [today, { ...today, day: today.day + 1 }]
      : [
          { ...today, day: 1 },
          { ...today, month: today.month + 1, day: 1 },
        ];
  return { from: startOfDay(first, timeZone), to: startOfDay(next, timeZone) };
}
