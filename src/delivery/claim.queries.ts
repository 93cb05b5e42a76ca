import { sql, type Transaction } from 'kysely';
import type { FrequencyCap } from '../accounts/tenant.entity.js';
import type { PersonFacts, TenantPolicy } from '../consent/policy-facts.js';
import type { BatchStatus } from '../messages/batch.row.js';
import { personFacts, personsOf, type FactRow, type Subject } from '../messages/gate-facts.queries.js';
import { messageColumns, type MessageRow } from '../messages/message.row.js';
import { prepared } from '../platform/database/prepared.js';
import { rowsOf, uuids } from '../platform/database/rows.js';
import { LockSeed } from '../platform/database/advisory-locks.js';

/**
 * Locks those of the ids that are due, and holds the places of their addresses together with other claims; rows that
 * another worker holds are left to it. The places in their order, as withdrawals take them. What is known of the people
 * must be read by a later statement: this one may have waited for a withdrawal that it does not see.
 */
export async function lockDue(tx: Transaction<unknown>, ids: readonly string[], now: Date): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    ${prepared}with due as materialized (
      select ${messageColumns} from messages m
      where m.id = any(${uuids(ids)}) and m.status = 'QUEUED' and m.due_at <= ${now}
      order by m.id
      for update of m skip locked),
    places as materialized (
      select pg_advisory_xact_lock_shared(p.place)
      from (select distinct address_place("tenantId", "toHash") as place from due order by 1) p)
    select due.* from due where (select count(*) from places) > 0`.execute(tx);
  return rows;
}

export interface ClaimingTenant extends TenantPolicy {
  id: string;
  frequencyCaps: FrequencyCap[];
  /** Whether it has a budget that stops it. */
  hasBudget: boolean;
}

export interface ClaimFactRows {
  /** By subject. */
  persons: PersonFacts[];
  tenants: Map<string, ClaimingTenant>;
  batches: Map<string, BatchStatus>;
}

/**
 * All that decides about the claimed messages, as committed at this moment and not as some cache remembers. In one
 * statement, because each costs every group a round trip.
 *
 * The batches are held until the transaction ends: a pause waits for claims under way, so that none follows it. By a lock
 * beside the row: shared locks of the row itself would let a busy batch's pause wait for ever, and an upload, which counts
 * in the row, would stop the claims.
 */
export async function readFacts(
  tx: Transaction<unknown>,
  { subjects, tenantIds, batchIds }: { subjects: readonly Subject[]; tenantIds: readonly string[]; batchIds: readonly string[] },
): Promise<ClaimFactRows> {
  const { rows } = await sql<{ people: FactRow[]; tenants: ClaimingTenant[]; batches: Record<string, BatchStatus> }>`
    ${prepared}select
      coalesce((select json_agg(f) from (${personFacts(subjects)}) f), '[]') as people,
      coalesce((
        select json_agg(json_build_object(
          'id', t.id, 'messagingEnabled', t.messaging_enabled, 'allowedCountries', t.allowed_countries,
          'impliedConsent', t.implied_consent, 'quietHours', t.quiet_hours, 'timeZone', t.time_zone, 'frequencyCaps', t.frequency_caps,
          'hasBudget', exists (select from budgets b where b.tenant_id = t.id and b.hard_stop)))
        from tenants t where t.id = any(${tenantIds}::uuid[])), '[]') as tenants,
      coalesce((
        select json_object_agg(b.id, claimable_batch(b.id)) from unnest(${batchIds.toSorted()}::uuid[]) as b (id)), '{}') as batches`.execute(
    tx,
  );
  const { people = [], tenants = [], batches = {} } = rows[0] ?? {};
  return {
    persons: personsOf(subjects.length, people),
    tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])),
    batches: new Map(Object.entries(batches)),
  };
}

/** Of messages that stand in for others, those whose person has the message: by the one they stand in for, or by one before it. */
export async function deliveredBefore(tx: Transaction<unknown>, standIns: readonly MessageRow[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    ${prepared}with recursive earlier as (
      select s.id, s.tenant_id, s.fallback_of, null as status
      from ${rowsOf<MessageRow>({ id: 'uuid', tenantId: 'uuid', fallbackOf: 'uuid' }, standIns, 's')}
      union all
      select e.id, e.tenant_id, m.fallback_of, m.status
      from earlier e join messages m on m.id = e.fallback_of and m.tenant_id = e.tenant_id)
    select distinct id from earlier where status in ('DELIVERED', 'READ')`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** One claim of a tenant with caps at a time: two would each count what the other has not written yet. */
export async function holdCaps(tx: Transaction<unknown>, tenantIds: readonly string[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended(t.id, ${LockSeed.FREQUENCY_CAPS})) from unnest(${tenantIds.toSorted()}::text[]) as t (id)`.execute(
    tx,
  );
}
