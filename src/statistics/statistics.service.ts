import type { Caller } from '../accounts/caller.js';
import { AppError, ErrorCode } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import { readParts } from './read-parts.js';
import { spanOf, type Span } from './span.js';
import type { StatisticsFilter } from './statistics.queries.js';
import { Statistics } from './statistics.js';

/** What is asked of a tenant's settings. */
interface StatisticsTenants {
  settings(tenantId: string): Promise<{ timeZone: string; currency: string }>;
}

const SHORTEST_WINDOW = 60;
const LONGEST_WINDOW = 86_400;

export class StatisticsService {
  constructor(
    private readonly db: Database,
    private readonly tenants: StatisticsTenants,
  ) {}

  /** Of the messages that were accepted in the range. Throws BAD_USER_INPUT. */
  async of({ tenantId }: Pick<Caller, 'tenantId'>, range: Span, filter: StatisticsFilter, now = new Date()): Promise<Statistics> {
    const span = spanOf(range, now);
    const { timeZone, currency } = await this.tenants.settings(tenantId);
    return new Statistics(span, currency, now, (parts) => readParts(this.db, { tenantId, span, filter, timeZone, now }, parts));
  }

  /** Of the last so many seconds. Throws BAD_USER_INPUT. */
  ofWindow(caller: Pick<Caller, 'tenantId'>, windowSeconds: number, filter: StatisticsFilter, now = new Date()): Promise<Statistics> {
    const from = new Date(now.getTime() - windowSeconds * 1000);
    return this.of(caller, { from, to: now }, filter, now);
  }
}

/** Throws BAD_USER_INPUT. */
export function checkWindow(windowSeconds: number): void {
  if (windowSeconds < SHORTEST_WINDOW || windowSeconds > LONGEST_WINDOW)
    throw new AppError(ErrorCode.BAD_USER_INPUT, `windowSeconds must be from ${SHORTEST_WINDOW} to ${LONGEST_WINDOW}.`);
}
