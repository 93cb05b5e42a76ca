import { sql } from 'kysely';
import { pino } from 'pino';
import { expect } from 'vitest';
import { Tenant } from '../../src/accounts/tenant.entity.js';
import { ENTITIES } from '../../src/app/build-accounts.js';
import { Database } from '../../src/platform/database/database.js';
import { SIMULATED_AMOUNTS } from '../../src/delivery/providers/simulator/simulator-prices.js';
import type { Difference } from '../../src/statistics/difference.js';
import { Verification } from '../../src/statistics/verification.js';
import type { Deployment } from './deployment.js';
import { eventually } from './eventually.js';

export interface StoredEvent {
  messageId: string;
  status: string;
  previousStatus: string | null;
  source: string;
}

/** What has to be true after every story: all of the batch delivered, each taken by the provider and charged once, nothing miscounted. */
export async function endsWell(site: Deployment, batchId: string, count: number, patienceMs = 120_000): Promise<void> {
  await site.delivered(batchId, count, patienceMs);
  await takenOnce(site, batchId, count);
  await chargedOnce(site, batchId, count);
  await countsAgree(site.postgres.target);
}

/** From the provider's side, message by message, once nothing is on its way there any more. */
async function takenOnce(site: Deployment, batchId: string, count: number): Promise<void> {
  await eventually(() => expect(site.provider.underWay).toBe(0), 30_000);
  const messages = await site.rows<{ id: string }>('select id from messages where batch_id = $1', [batchId]);
  const times = Map.groupBy(messages, ({ id }) => site.simulator.taken(id));
  expect(Object.fromEntries([...times].map(([taken, some]) => [taken, some.length]))).toEqual({ 1: count });
}

const MISCOUNTED = `
  select batch_id, status, counted.count as counted, recounted.count as recounted
  from (
    select batch_id, status, sum(count)::int as count
    from (select batch_id, status, count from batch_counts union all select batch_id, status, count from batch_deltas) both_kinds
    group by batch_id, status having sum(count) <> 0) counted
  full join (
    select batch_id, status, count(*)::int as count from messages where batch_id is not null group by batch_id, status) recounted
  using (batch_id, status)
  where counted.count is distinct from recounted.count`;

/** By the provider's own price: statistics and batches have it from the messages, so that a recount of them does not show it. */
async function chargedOnce(site: Deployment, batchId: string, count: number): Promise<void> {
  const charges = await site.rows<{ micros: number }>(
    `select sum(amount * 1000000)::int as micros from messages cross join lateral (
       select cost_amount as amount where cost_currency = 'USD'
       union all select amount from jsonb_to_recordset(earlier_charges) as e (amount numeric)) charged
     where batch_id = $1`,
    [batchId],
  );
  expect(charges).toEqual([{ micros: Math.round(Number(SIMULATED_AMOUNTS.SMS) * 1_000_000) * count }]);
}

/** What its provider charged, for the last call or else what it was expected to cost, unless it was not sent. */
const MISCHARGED = `
  select batch_id, currency, counted.amount as counted, recounted.amount as recounted
  from (
    select batch_id, currency, sum(amount) as amount
    from (select batch_id, currency, amount from batch_costs union all select batch_id, currency, amount from batch_cost_deltas) both_kinds
    group by batch_id, currency having sum(amount) <> 0) counted
  full join (
    select batch_id, currency, sum(amount) as amount
    from messages m cross join lateral (
      select cost_currency as currency, cost_amount as amount where cost_amount is not null
      union all
      select currency, amount from jsonb_to_recordset(earlier_charges) as e (currency text, amount numeric(18, 6))
      union all
      select estimate_currency, estimate_amount
      where cost_amount is null and status not in ('FAILED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED')) charged
    where batch_id is not null and amount <> 0 group by batch_id, currency) recounted
  using (batch_id, currency)
  where counted.amount is distinct from recounted.amount`;

/** Statistics, batch counts and batch costs equal a recount, and every message's events lead to its status. At any moment, also under traffic. */
export async function countsAgree(url: string): Promise<void> {
  const db = await Database.connect({ url, entities: ENTITIES, connections: 2, log: pino({ level: 'silent' }) });
  try {
    const differences: Difference[] = [];
    let recounted = 0;
    for (const tenant of await db.emOfAllTenants().findAll(Tenant))
      recounted += (await new Verification(db).run(tenant, { repair: false, found: (one) => differences.push(one) })).messages;
    expect(differences).toEqual([]);
    expect(recounted).toBeGreaterThan(0);
    expect((await sql.raw(MISCOUNTED).execute(db.sql)).rows).toEqual([]);
    expect((await sql.raw(MISCHARGED).execute(db.sql)).rows).toEqual([]);
  } finally {
    await db.close();
  }
}

/** Of all messages of the batch, in the order in which they were written. */
export function eventsOf(site: Deployment, batchId: string): Promise<StoredEvent[]> {
  return site.rows<StoredEvent>(
    `select e.message_id as "messageId", e.status, e.previous_status as "previousStatus", e.source
     from message_events e join messages m on m.id = e.message_id
     where m.batch_id = $1 and e.applied order by e.id`,
    [batchId],
  );
}

/** What came after each time that nobody knew whether the provider has a message: from where, and how often. */
export async function resolutionsOf(site: Deployment, batchId: string): Promise<Record<string, number>> {
  const events = await eventsOf(site, batchId);
  const resolved = events.filter(({ previousStatus }) => previousStatus === 'UNCONFIRMED');
  const unconfirmed = events.filter(({ status }) => status === 'UNCONFIRMED');
  expect(resolved).toHaveLength(unconfirmed.length);
  return Object.fromEntries([...Map.groupBy(resolved, ({ source }) => source)].map(([source, some]) => [source, some.length]));
}
