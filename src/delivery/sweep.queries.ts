import { sql, type Kysely, type Transaction } from 'kysely';
import type { Lane } from '../messages/lane.js';
import { messageColumns, type MessageRow } from '../messages/message.row.js';
import type { SilentStatus } from './delivery.ports.js';

/** Rows that another sweep works on are left to it. */
const locking = sql`for update of m skip locked`;

/**
 * SCHEDULED and QUEUED rows of a lane that the queue should hear about now: those whose time has come, and those that it
 * was told of already but has not brought to a worker, where that was due by `lostBefore`.
 */
export async function lockUnhinted(
  tx: Transaction<unknown>,
  { lane, now, lostBefore, limit }: { lane: Lane; now: Date; lostBefore: Date; limit: number },
): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.status in ('SCHEDULED', 'QUEUED') and m.lane = ${lane} and m.hint_at <= ${now}
      and (m.status = 'SCHEDULED' or m.hint_at = m.due_at or m.hint_at <= ${lostBefore})
    order by m.hint_at limit ${limit} ${locking}`.execute(tx);
  return rows;
}

export async function lockExpired(tx: Transaction<unknown>, now: Date, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.status in ('SCHEDULED', 'QUEUED') and m.expires_at <= ${now}
    order by m.expires_at limit ${limit} ${locking}`.execute(tx);
  return rows;
}

/** SENDING rows whose worker is gone. */
export async function lockAbandoned(tx: Transaction<unknown>, now: Date, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.status = 'SENDING' and m.lease_until <= ${now}
    order by m.lease_until limit ${limit} ${locking}`.execute(tx);
  return rows;
}

export async function lockAwaitingFallback(tx: Transaction<unknown>, now: Date, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m where m.fallback_at <= ${now} order by m.fallback_at limit ${limit} ${locking}`.execute(tx);
  return rows;
}

/** QUEUED rows that a pause held back, of batches that run again. */
export async function lockHeld(tx: Transaction<unknown>, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from batches b
    cross join lateral (
      select id from messages where batch_id = b.id and status = 'QUEUED' and hint_at is null order by id limit ${limit}) h
    join messages m on m.id = h.id
    where b.status in ('ACCEPTING', 'RUNNING') and m.status = 'QUEUED' and m.hint_at is null
    order by m.id limit ${limit} ${locking}`.execute(tx);
  return rows;
}

/** How many have a provider to be asked about them; at most `limit` of each. */
export async function countForLookUp(db: Kysely<unknown>, now: Date, limit: number): Promise<Record<SilentStatus, number>> {
  const due = (status: SilentStatus) => sql<number>`(select count(*)::int from (
    select from messages where status = ${status} and lease_until <= ${now} limit ${limit}) due)`;
  const { rows } = await sql<Record<SilentStatus, number>>`
    select ${due('UNCONFIRMED')} as "UNCONFIRMED", ${due('SENT')} as "SENT"`.execute(db);
  return rows[0] ?? { UNCONFIRMED: 0, SENT: 0 };
}

/** Takes rows whose provider is to be asked: until `leaseUntil` nobody else does. */
export async function takeForLookUp(
  db: Kysely<unknown>,
  { status, now, leaseUntil, limit }: { status: SilentStatus; now: Date; leaseUntil: Date; limit: number },
): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    with due as (
      select id from messages where status = ${status} and lease_until <= ${now} order by lease_until limit ${limit} for update skip locked)
    update messages m set lease_until = ${leaseUntil} from due where m.id = due.id returning ${messageColumns}`.execute(db);
  return rows;
}
