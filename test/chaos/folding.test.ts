import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { countsAgree, endsWell } from '../support/reckoning.js';
import { scale } from './scale.js';

const MESSAGES = scale(2_000, 300);
const ROUNDS = scale(3, 1);

let site: Deployment;
let holder: Client;
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
  await site.run('worker');
  holder = new Client({ connectionString: site.database.url });
  await holder.connect();
}, 60_000);
afterAll(async () => {
  await holder.end();
  await site.stop();
});

/** Statements that have taken rows from the table, and wait for a lock before they add them to the others. */
async function foldsHeldBack(deltas: string): Promise<number> {
  const [found] = await site.rows<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
    [`%delete from ${deltas}%`],
  );
  return found?.count ?? 0;
}

const left = async (table: string): Promise<number> =>
  (await site.rows<{ count: number }>(`select count(*)::int as count from ${table}`))[0]?.count ?? NaN;

describe('a scheduler that is killed while it folds', () => {
  test.each([
    ['statistic_rollups', 'statistic_deltas'],
    ['batch_counts', 'batch_deltas'],
  ])(
    'into %s loses nothing and doubles nothing',
    async (rollups, deltas) => {
      for (let round = 0; round < ROUNDS; round++) {
        const victim = await site.run('scheduler');
        const batchId = await site.send(MESSAGES, `${rollups}-${round}`);
        // Whatever is folded from now on stops half way, with what it has taken in its hands.
        await holder.query(`begin; lock table ${rollups} in share mode`);
        await eventually(async () => expect(await foldsHeldBack(deltas)).toBeGreaterThan(0), 30_000, 10);
        await site.kill(victim);
        await holder.query('rollback');
        await countsAgree(site.postgres.target);
        const next = await site.run('scheduler');
        await endsWell(site, batchId, MESSAGES);
        await eventually(async () => expect(await left(deltas)).toBe(0), 30_000);
        await countsAgree(site.postgres.target);
        await site.kill(next);
      }
    },
    240_000,
  );
});
