import { sql, type Kysely, type Transaction } from 'kysely';
import { LockSeed } from '../platform/database/advisory-locks.js';
import { idFloor, idTime } from '../platform/ids.js';
import { messageColumns, type MessageRow } from './message.row.js';
import type { MessageStatus } from './message-status.js';
import type { Money } from '../vocabulary.js';
import type { BatchRow, BatchStatus, StatusCount } from './batch.row.js';

const columns = sql.raw(
  `b.id, b.tenant_id as "tenantId", b.name, b.status, b.channels, b.category, b.topic, b.max_cost as "maxCost", b.total, b.rejected,
   b.created_at as "createdAt", b.completed_at as "completedAt"`,
);

export async function insertBatch(tx: Transaction<unknown>, batch: BatchRow): Promise<void> {
  const { id, tenantId, name, status, channels, category, topic, maxCost, total, rejected, createdAt, completedAt } = batch;
  const uploading = status === 'ACCEPTING';
  await sql`
    insert into batches (id, tenant_id, name, status, uploading, channels, category, topic, max_cost, total, rejected, created_at, completed_at)
    values (${id}, ${tenantId}, ${name}, ${status}, ${uploading}, ${channels}::text[], ${category}, ${topic}, ${maxCost}, ${total}, ${rejected},
      ${createdAt}, ${completedAt})`.execute(tx);
}

export async function findBatches(db: Kysely<unknown>, tenantId: string, ids: readonly string[]): Promise<BatchRow[]> {
  const { rows } =
    await sql<BatchRow>`select ${columns} from batches b where b.id = any(${ids}::uuid[]) and b.tenant_id = ${tenantId}`.execute(db);
  return rows;
}

/** Newest first, one more than `limit` when there are more. */
export async function listBatches(db: Kysely<unknown>, tenantId: string, after: string | null, limit: number): Promise<BatchRow[]> {
  const { rows } = await sql<BatchRow>`
    select ${columns} from batches b where b.tenant_id = ${tenantId} and (${after}::uuid is null or b.id < ${after}::uuid)
    order by b.id desc limit ${limit + 1}`.execute(db);
  return rows;
}

/**
 * Null where the batch is not the tenant's or not in one of the statuses `from`. A batch that is to run while its
 * recipients are still being read goes back to ACCEPTING. Waits for the claims that have seen the old status, so that
 * after the commit nobody acts on it any more.
 */
export async function moveBatch(
  tx: Transaction<unknown>,
  tenantId: string,
  id: string,
  from: readonly BatchStatus[],
  to: BatchStatus,
): Promise<BatchRow | null> {
  const { rows } = await sql<BatchRow>`
    update batches b set status = case when ${to} = 'RUNNING' and b.uploading then 'ACCEPTING' else ${to} end
    where b.id = ${id} and b.tenant_id = ${tenantId} and b.status = any(${from}::text[]) returning ${columns}`.execute(tx);
  await sql`select pg_advisory_xact_lock(hashtextextended(${id}::uuid::text, ${LockSeed.BATCH}))`.execute(tx);
  return rows[0] ?? null;
}

/** Folded counts and what has not been folded yet. */
export async function countsOf(db: Kysely<unknown>, batchIds: readonly string[]): Promise<(StatusCount & { batchId: string })[]> {
  const { rows } = await sql<StatusCount & { batchId: string }>`
    select batch_id as "batchId", status, sum(count)::bigint as count from (
      select batch_id, status, count from batch_counts where batch_id = any(${batchIds}::uuid[])
      union all
      select batch_id, status, count from batch_deltas where batch_id = any(${batchIds}::uuid[])) both_kinds
    group by batch_id, status having sum(count) <> 0`.execute(db);
  return rows;
}

/** By currency. */
export async function costsOf(db: Kysely<unknown>, batchIds: readonly string[]): Promise<(Money & { batchId: string })[]> {
  const { rows } = await sql<Money & { batchId: string }>`
    select batch_id as "batchId", currency, sum(amount)::text as amount from (
      select batch_id, currency, amount from batch_costs where batch_id = any(${batchIds}::uuid[])
      union all
      select batch_id, currency, amount from batch_cost_deltas where batch_id = any(${batchIds}::uuid[])) both_kinds
    group by batch_id, currency`.execute(db);
  return rows;
}

/** Moves what has been appended into the counts and costs. A delta that another folder has locked is left to it. Returns whose counts moved. */
export async function foldDeltas(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with taken as (
      delete from batch_deltas where ctid = any(array(select ctid from batch_deltas limit 50000 for update skip locked)) returning batch_id, status, count),
    sums as (select batch_id, status, sum(count) as count from taken group by batch_id, status),
    folded as (
      insert into batch_counts as c (batch_id, status, count) select batch_id, status, count from sums order by batch_id, status
      on conflict (batch_id, status) do update set count = c.count + excluded.count returning batch_id)
    select distinct batch_id as id from folded`.execute(db);
  await sql`
    with taken as (
      delete from batch_cost_deltas where ctid = any(array(select ctid from batch_cost_deltas limit 50000 for update skip locked))
      returning batch_id, currency, amount),
    sums as (select batch_id, currency, sum(amount) as amount from taken group by batch_id, currency)
    insert into batch_costs as c (batch_id, currency, amount) select batch_id, currency, amount from sums order by batch_id, currency
    on conflict (batch_id, currency) do update set amount = c.amount + excluded.amount`.execute(db);
  return rows.map(({ id }) => id);
}

const hasMessages = (...statuses: MessageStatus[]) => sql`
  exists (
    select 1 from (
      select status, sum(count) as count from (
        select status, count from batch_counts c where c.batch_id = b.id
        union all select status, count from batch_deltas d where d.batch_id = b.id) both_kinds
      group by status) counted
    where count > 0 and status = any(${statuses}::text[]))`;
const HAS_MESSAGES_TO_SEND = hasMessages('SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED');
const HAS_NOTHING_TO_SEND = sql`b.status = 'RUNNING' and not ${HAS_MESSAGES_TO_SEND}`;
const HAS_MESSAGES_TO_WITHDRAW = hasMessages('SCHEDULED', 'QUEUED');

/**
 * What was in hand or SENT may come back: its provider reports a failure that may pass, or the next channel takes over. Of a
 * cancelled batch it is withdrawn. Returns those that run again, and the cancelled ones that have something to withdraw.
 */
export async function reopenRequeued(tx: Transaction<unknown>, ids: readonly string[]): Promise<BatchRow[]> {
  if (ids.length === 0) return [];
  // Another clock may have counted before it came back, and complete the batch yet: what it made of it is for the next statement
  // to see. Not `lockBatches`: that would wait for uploads too, which hold theirs while they store a part, and which nobody completes.
  await sql`select from batches where id = any(${ids}::uuid[]) and status = 'RUNNING' order by id for no key update`.execute(tx);
  // Also of those not yet closed: a closing that has not committed did not see what came back.
  const { rows } = await sql<BatchRow>`
    update batches b set status = case b.status when 'COMPLETED' then 'RUNNING' else b.status end, completed_at = null
    where b.id = any(${ids}::uuid[])
      and (b.status = 'COMPLETED' and ${HAS_MESSAGES_TO_SEND} or b.status = 'CANCELLED' and ${HAS_MESSAGES_TO_WITHDRAW})
    returning ${columns}`.execute(tx);
  return rows;
}

/**
 * Batches with nothing left to send are over. Returns the batches that ended now. Counted once more under their locks:
 * the first statement does not see what a retry has queued since it began.
 */
export async function completeBatches(tx: Transaction<unknown>, now: Date): Promise<BatchRow[]> {
  const { rows: done } = await sql<{ id: string }>`
    select b.id from batches b where ${HAS_NOTHING_TO_SEND} for no key update skip locked`.execute(tx);
  if (done.length === 0) return [];
  const { rows } = await sql<BatchRow>`
    update batches b set status = 'COMPLETED', completed_at = ${now}
    where b.id = any(${done.map(({ id }) => id)}::uuid[]) and ${HAS_NOTHING_TO_SEND} returning ${columns}`.execute(tx);
  return rows;
}

export type LockedBatch = Pick<BatchRow, 'id' | 'name' | 'status'>;

/** Until the transaction ends nobody pauses, cancels or completes them. To be taken after messages: who holds a batch waits for none of those. */
export async function lockBatches(tx: Transaction<unknown>, ids: readonly string[]): Promise<LockedBatch[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<LockedBatch>`
    select b.id, b.name, b.status from batches b where b.id = any(${ids}::uuid[]) order by b.id for no key update`.execute(tx);
  return rows;
}

/** There is something to send again: they can be paused and cancelled, and are completed once more. */
export async function reopenBatches(tx: Transaction<unknown>, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await sql`update batches set status = 'RUNNING', completed_at = null where id = any(${ids}::uuid[])`.execute(tx);
}

/** Cancelled batches whose messages have not all been withdrawn yet. */
export async function openCancelled(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from batches where status = 'CANCELLED' and completed_at is null`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Null where something is left. Looked for here: `lockUnsent` passes over what somebody else has locked, and what came back
 * behind it.
 */
export async function closeCancelled(db: Kysely<unknown>, id: string, now: Date): Promise<BatchRow | null> {
  const { rows } = await sql<BatchRow>`
    update batches b set completed_at = ${now}
    where b.id = ${id} and b.completed_at is null and not exists (
      select from messages m where m.batch_id = ${id} and m.id > ${firstOf(id)}::uuid and m.status in ('SCHEDULED', 'QUEUED'))
    returning ${columns}`.execute(db);
  return rows[0] ?? null;
}

/** Of so many of a batch's newest messages the unsent ones are withdrawn at once: they are sent in the order of their ids. */
const NEWEST = 2_000;

/** Reads the newest messages of the batch only, however many were sent before them. */
export async function lockNewestUnsent(tx: Transaction<unknown>, batchId: string, limit: number): Promise<MessageRow[]> {
  const start = firstOf(batchId);
  const { rows } = await sql<MessageRow>`
    with newest as materialized (
      select m.id, m.status from messages m where m.batch_id = ${batchId} and m.id > ${start}::uuid order by m.id desc limit ${NEWEST})
    select ${messageColumns} from messages m
    where m.id > ${start}::uuid and m.status in ('SCHEDULED', 'QUEUED')
      and m.id = any(array(select n.id from newest n where n.status in ('SCHEDULED', 'QUEUED') limit ${limit}))
    order by m.id for update skip locked`.execute(tx);
  return rows;
}

/**
 * `after`: the last id of the part before, so that a large batch is walked through once and not from its start each time.
 * What somebody else has locked is left for the next walk: mostly a worker has it, which will find the batch cancelled.
 */
export async function lockUnsent(tx: Transaction<unknown>, batchId: string, after: string | null, limit: number): Promise<MessageRow[]> {
  const start = after ?? firstOf(batchId);
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.batch_id = ${batchId} and m.id > ${start}::uuid and m.status in ('SCHEDULED', 'QUEUED')
    order by m.id limit ${limit} for update skip locked`.execute(tx);
  return rows;
}

/** What a pause has held of the batch, the first of it: in the order in which it is sent. */
export async function lockFirstHeld(tx: Transaction<unknown>, batchId: string, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.batch_id = ${batchId} and m.id > ${firstOf(batchId)}::uuid and m.status = 'QUEUED' and m.hint_at is null
    order by m.id limit ${limit} for update skip locked`.execute(tx);
  return rows;
}

/** A second for clocks that differ: no message of the batch is older than the batch. */
const firstOf = (batchId: string): string => idFloor(new Date(idTime(batchId).getTime() - 1_000));
