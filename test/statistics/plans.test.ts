import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.js';
import { readSpend, type StatisticsFilter } from '../../src/statistics/statistics.queries.js';
import { eventually } from '../support/eventually.js';
import { StatisticsRun } from '../support/statistics-run.js';

const BATCH = newId();
const DAY_MS = 86_400_000;

let run: StatisticsRun;
beforeAll(async () => {
  run = await StatisticsRun.start();
  run.timeZone = 'Asia/Kolkata';
  // 30 days in every width and scope, as a tenant alone on its database has them: that is where a planner is tempted to read them all.
  await sql`
    insert into statistic_rollups (tenant_id, scope, seconds, at, channel, category, template_code, batch_id, delivered, details)
    select ${run.tenantId}, scope, seconds, at, 'SMS', 'UTILITY', case when scope <> 'ALL' then 't' end,
      case when scope = 'BATCH' then ${BATCH}::uuid end, 10, '{"delivery:50": 10}'
    from (values ('ALL'), ('TEMPLATE'), ('BATCH')) as s(scope), (values (60), (900), (3600), (86400)) as w(seconds),
      generate_series(date_bin('1 day', now(), 'epoch') - interval '30 days', now(), make_interval(secs => seconds)) as at
    where seconds > 60 or at > now() - interval '3 days'`.execute(run.db.sql);
  await sql`analyze statistic_rollups`.execute(run.db.sql);
});
afterAll(() => run.stop());

/** Scans so far: of the whole table, and by an index. */
async function scans(): Promise<{ whole: number; indexed: number }> {
  const { rows } = await sql<{ whole: number; indexed: number }>`
    select pg_stat_force_next_flush(), seq_scan as whole, idx_scan as indexed from pg_stat_user_tables where relname = 'statistic_rollups'`.execute(
    run.db.sql,
  );
  return { whole: rows[0]?.whole ?? 0, indexed: rows[0]?.indexed ?? 0 };
}

test.each<[string, StatisticsFilter]>([
  ['all messages', {}],
  ['a channel', { channel: ['SMS'] }],
  ['a template', { templateCode: 't' }],
  ['a batch', { batchId: BATCH }],
])('statistics of %s are read by an index alone', async (_what, filter) => {
  const before = await scans();
  const read = await run.read(filter, { from: new Date(Date.now() - 30 * DAY_MS), to: new Date() });
  const total = await read.total();
  await readSpend(
    run.db.sql,
    { tenantId: run.tenantId, span: { from: new Date(Date.now() - 30 * DAY_MS), to: new Date() }, filter },
    'USD',
  );
  await Promise.all([read.byTemplate(5), read.deliverySeconds(), read.series('DAY'), read.series('HOUR')]);
  expect(total).toBeGreaterThan(0);
  await eventually(async () => expect((await scans()).indexed).toBeGreaterThan(before.indexed + 10));
  expect((await scans()).whole).toBe(before.whole);
});
