import { schedule } from '../../src/app/schedule.js';
import { daysAgo } from './old-messages.js';
import { rowsOf } from './stored.js';
import type { TestApp } from './test-app.js';

/** All tenants' next night, or so many days later. */
export async function nightIn(run: TestApp, days = 0, turnMs?: number): Promise<void> {
  await run.app.core.retention.outlook();
  const at = new Date(daysAgo(-days).getTime() + 5_000);
  // Not due for the program's own clock.
  await rowsOf(run, `update retentions set next_at = '${at.toISOString()}'`);
  await run.app.core.retention.run(at, turnMs);
}

/** The clock's upkeep of months. */
export const keepMonths = async ({ app }: TestApp): Promise<unknown> =>
  schedule(app.core)
    .find(({ name }) => name === 'partitions')
    ?.run();
