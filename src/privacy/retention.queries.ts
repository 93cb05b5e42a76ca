import { sql, type Kysely, type Transaction } from 'kysely';
import { openQuestions } from '../consent/opt-in.queries.js';
import { APART_MS } from '../messages/accepted-at.js';
import { NOT_TAKEN } from '../messages/message-status.js';
import { CLOCKS_MS } from '../messages/message.queries.js';
import { idFloor, idTime } from '../platform/ids.js';

/** A tenant whose turn it is. */
export interface DueTenant {
  tenantId: string;
  timeZone: string;
  retentionDays: number;
  /** What was accepted before is deleted already; null before the first time. */
  keptFrom: Date | null;
}

const floorOf = (at: Date, apartMs = 0): string => idFloor(new Date(at.getTime() + apartMs));

/** Of a tenant `t`. A cap that counts further back was legal once: it goes on counting. */
const daysKept = sql`greatest(t.retention_days, (
  select max(ceil((cap ->> 'perSeconds')::numeric / 86400))::int from jsonb_array_elements(t.frequency_caps) as cap))`;

/** The database's: a process whose clock is a year fast must not delete what is a day old. */
export async function clockOf(db: Kysely<unknown>): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select now() as at`.execute(db);
  if (!rows[0]) throw new Error('The database told no time.');
  return rows[0].at;
}

/** Tenants that have not had a turn yet, and when they shall have the first. */
export async function tenantsWithoutTurn(db: Kysely<unknown>): Promise<{ tenantId: string; timeZone: string }[]> {
  const { rows } = await sql<{ tenantId: string; timeZone: string }>`
    select t.id as "tenantId", t.time_zone as "timeZone" from tenants t
    where not exists (select from retentions r where r.tenant_id = t.id)`.execute(db);
  return rows;
}

export async function insertTurns(db: Kysely<unknown>, turns: readonly { tenantId: string; nextAt: Date }[]): Promise<void> {
  if (turns.length === 0) return;
  await sql`
    insert into retentions (tenant_id, next_at)
    select * from unnest(${turns.map(({ tenantId }) => tenantId)}::uuid[], ${turns.map(({ nextAt }) => nextAt)}::timestamptz[])
    on conflict do nothing`.execute(db);
}

/** Takes those that are due, and puts off their next turn: whoever dies with them loses a minute. */
export async function takeDueTenants(db: Kysely<unknown>, now: Date, limit: number): Promise<DueTenant[]> {
  const { rows } = await sql<DueTenant>`
    with due as (select tenant_id from retentions where next_at <= ${now} order by next_at limit ${limit} for update skip locked)
    update retentions r set next_at = ${now}::timestamptz + interval '1 minute' from due, tenants t
    where r.tenant_id = due.tenant_id and t.id = due.tenant_id
    returning r.tenant_id as "tenantId", t.time_zone as "timeZone", ${daysKept} as "retentionDays", r.kept_from as "keptFrom"`.execute(db);
  return rows;
}

export async function postponeTurn(db: Kysely<unknown>, tenantId: string, nextAt: Date): Promise<void> {
  await sql`update retentions set next_at = ${nextAt} where tenant_id = ${tenantId}`.execute(db);
}

export async function bringTurnsForward(db: Kysely<unknown>, now: Date): Promise<void> {
  await sql`update retentions set next_at = ${now} where next_at > ${now}`.execute(db);
}

export interface Outlook {
  slug: string;
  retentionDays: number;
  keptSince: Date;
  /** Accepted before. */
  messages: number;
  nextAt: Date;
}

export async function outlookOf(db: Kysely<unknown>, now: Date): Promise<Outlook[]> {
  const { rows } = await sql<Outlook>`
    select t.slug, k.days as "retentionDays", k.since as "keptSince", r.next_at as "nextAt",
      (select count(*)::int from messages m where m.tenant_id = t.id and m.created_at < k.since
        and m.id < uuid_floor(k.since + ${`${APART_MS} milliseconds`}::interval)) as messages
    from tenants t join retentions r on r.tenant_id = t.id
      cross join lateral (
        select days, date_trunc('day', ${now}::timestamptz - make_interval(days => days), 'UTC') as since from (select ${daysKept} as days) d) k
    order by t.slug`.execute(db);
  return rows;
}

/** Told before anything is deleted: from then on, counts of what is older go by the messages themselves. */
export async function moveKeptFrom(db: Kysely<unknown>, tenantId: string, keptFrom: Date): Promise<void> {
  await sql`update retentions set kept_from = greatest(kept_from, ${keptFrom}::timestamptz) where tenant_id = ${tenantId}`.execute(db);
}

/** Returns what the run has deleted that ends here. */
export async function endTurn(tx: Transaction<unknown>, tenantId: string, nextAt: Date): Promise<Deleted> {
  const { rows } = await sql<Deleted>`
    select messages::int, inbound_messages::int as "inboundMessages" from retentions where tenant_id = ${tenantId} for update`.execute(tx);
  await sql`update retentions set next_at = ${nextAt}, messages = 0, inbound_messages = 0 where tenant_id = ${tenantId}`.execute(tx);
  return rows[0] ?? { messages: 0, inboundMessages: 0 };
}

export interface Deleted {
  messages: number;
  inboundMessages: number;
}

/** When the first message was accepted of those that are not deleted yet, but for what still lives before. */
export async function firstKept(db: Kysely<unknown>, tenantId: string, keptFrom: Date | null): Promise<Date | null> {
  const later = keptFrom ? sql`and id >= ${floorOf(keptFrom, -APART_MS)}::uuid and created_at >= ${keptFrom}` : sql``;
  const { rows } = await sql<{ at: Date }>`
    select created_at as at from messages where tenant_id = ${tenantId} ${later} order by id limit 1`.execute(db);
  return rows[0]?.at ?? null;
}

export interface ExpiredScope {
  tenantId: string;
  /** Of what was accepted before. */
  acceptedBefore: Date;
  /** That nothing has happened to since then. */
  quietSince: Date;
}

/**
 * The next of those that have ended, locked. Whoever is at one of them has more to tell of it, so that it has its turn another night.
 * What stands in for a message asks whether that arrived, and the answer to a question about consent whether it was asked: both keep it.
 */
export async function lockEnded(
  tx: Transaction<unknown>,
  { tenantId, acceptedBefore, quietSince }: ExpiredScope,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const later = after ? sql`and m.id > ${after}::uuid` : sql``;
  const { rows } = await sql<{ id: string }>`
    select m.id from messages m
    where m.tenant_id = ${tenantId} and m.id < ${floorOf(acceptedBefore, APART_MS)}::uuid ${later} and m.created_at < ${acceptedBefore}
      and m.status <> all(${NOT_TAKEN}::text[]) and (m.fallback_at is null or m.fallback_at < ${quietSince})
      and not exists (select from messages f where f.id = m.fallback_id)
      and (m.reference is null or m.reference not in (${openQuestions(tenantId)}))
    order by m.id limit ${limit} for update of m skip locked`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Those to which nothing has happened since then. By their ids: asked in the statement before, all events since then would be read. */
export async function quietOnes(tx: Transaction<unknown>, ids: readonly string[], since: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct message_id as id from message_events where message_id = any(${ids}::uuid[]) and id >= ${floorOf(since)}::uuid`.execute(
    tx,
  );
  const moved = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !moved.has(id));
}

/** With their events and the receipts about them. The rows are locked: nothing more is told of them meanwhile. */
export async function deleteMessages(tx: Transaction<unknown>, tenantId: string, ids: readonly string[]): Promise<void> {
  const from = floorOf(idTime(ids[0] ?? ''), -CLOCKS_MS);
  await sql`delete from webhook_journal where message_id = any(${ids}::uuid[]) and id >= ${from}::uuid`.execute(tx);
  await sql`delete from message_events where message_id = any(${ids}::uuid[]) and id >= ${from}::uuid`.execute(tx);
  await sql`delete from messages where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(tx);
  await sql`update retentions set messages = messages + ${ids.length} where tenant_id = ${tenantId}`.execute(tx);
}

/**
 * Up to `limit` of what people wrote before, with the webhooks that brought it; returns how many. What somebody has yet to
 * read, because it may be an opt-out, stays.
 */
export async function deleteInbound(tx: Transaction<unknown>, tenantId: string, before: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ provider: string; record: string; conversationId: string }>`
    delete from inbound_messages where id in (
      select id from inbound_messages
      where tenant_id = ${tenantId} and id < ${floorOf(before)}::uuid and review is distinct from 'NEEDED'
      order by id limit ${limit} for update skip locked)
    returning provider, provider_message_id as record, conversation_id as "conversationId"`.execute(tx);
  if (rows.length === 0) return 0;
  await sql`
    delete from webhook_journal j using unnest(${rows.map(({ provider }) => provider)}::text[], ${rows.map(({ record }) => record)}::text[]) as d (provider, record)
    where j.kind = 'INCOMING' and j.provider_message_id = d.record and j.provider = d.provider`.execute(tx);
  // Locked before they are looked at: in one statement, a message that comes in meanwhile would not be seen, and count as read.
  const conversations = [...new Set(rows.map(({ conversationId }) => conversationId))];
  await sql`select from conversations where tenant_id = ${tenantId} and id = any(${conversations}::uuid[]) order by id for update`.execute(
    tx,
  );
  await sql`
    update conversations v set unread_count = 0
    where v.tenant_id = ${tenantId} and v.id = any(${conversations}::uuid[]) and v.unread_count > 0
      and not exists (select from inbound_messages b where b.conversation_id = v.id)`.execute(tx);
  await sql`update retentions set inbound_messages = inbound_messages + ${rows.length} where tenant_id = ${tenantId}`.execute(tx);
  return rows.length;
}

/** Days after which no tenant keeps anything. */
export async function longestRetention(db: Kysely<unknown>): Promise<number | null> {
  const { rows } = await sql<{ days: number | null }>`select max(${daysKept}) as days from tenants t`.execute(db);
  return rows[0]?.days ?? null;
}

/**
 * The next webhooks from before, by their ids, and whether they belong to a message or its reply, and so to a tenant. Asked only for
 * those that belong to none, the planner would read whole months.
 */
export async function nextWebhooks(
  db: Kysely<unknown>,
  before: Date,
  after: string | null,
  limit: number,
): Promise<{ id: string; isClaimed: boolean }[]> {
  const later = after ? sql`and id > ${after}::uuid` : sql``;
  const { rows } = await sql<{ id: string; isClaimed: boolean }>`
    select id, message_id is not null or state = 'PARKED' or (kind = 'INCOMING' and state <> 'UNKNOWN') as "isClaimed"
    from webhook_journal where id < ${floorOf(before)}::uuid ${later} order by id limit ${limit}`.execute(db);
  return rows;
}

export async function deleteWebhooks(db: Kysely<unknown>, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await sql`delete from webhook_journal where id = any(${ids}::uuid[])`.execute(db);
}
