import { sql, type Kysely } from 'kysely';
import { prepared } from '../platform/database/prepared.js';
import { columnList, rowsOf } from '../platform/database/rows.js';

/**
 * - APPLIED: its message was found, whether or not it changed anything; an incoming one is in its conversation
 * - PARKED: no message was found yet; tried again for a day. An incoming one waits to be applied
 * - UNKNOWN: given up; kept as evidence
 * - IGNORED: says nothing about a message
 */
export type JournalState = 'APPLIED' | 'PARKED' | 'UNKNOWN' | 'IGNORED';

export interface JournalRow {
  id: string;
  provider: string;
  kind: 'RECEIPT' | 'INCOMING';
  state: JournalState;
  messageId: string | null;
  providerMessageId: string | null;
  dedupeKey: string;
  /** The webhook as it came, and as it was understood. */
  sealed: Buffer;
  receivedAt: Date;
  nextAttemptAt: Date | null;
}

const COLUMNS: Readonly<Record<keyof JournalRow, string>> = {
  id: 'uuid',
  provider: 'text',
  kind: 'text',
  state: 'text',
  messageId: 'uuid',
  providerMessageId: 'text',
  dedupeKey: 'text',
  sealed: 'bytea',
  receivedAt: 'timestamptz',
  nextAttemptAt: 'timestamptz',
};

/** As it is written: of what an erased message was reported there is nothing to keep. */
export type NewEntry = Omit<JournalRow, 'sealed'> & { sealed: Buffer | null };

export async function insertJournal(tx: Kysely<unknown>, rows: readonly NewEntry[]): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(COLUMNS);
  await sql`${prepared}insert into webhook_journal (${columnList(names)}) select ${columnList(names)} from ${rowsOf<NewEntry>(COLUMNS, rows, 'n')}`.execute(
    tx,
  );
}

/**
 * Takes parked entries that are due, and puts off their next turn, so that two sweeps do not work on the same: by as long
 * as they have waited so far, for most are reports on messages that are not ours at all.
 */
export async function takeParked(db: Kysely<unknown>, now: Date, limit: number): Promise<JournalRow[]> {
  const { rows } = await sql<JournalRow>`
    with due as (
      select id from webhook_journal where state = 'PARKED' and next_attempt_at <= ${now} and sealed is not null
      order by next_attempt_at limit ${limit} for update skip locked)
    update webhook_journal j set next_attempt_at = ${now}::timestamptz + least(greatest(${now}::timestamptz - j.received_at, '5 seconds'), '1 hour')
    from due where j.id = due.id
    returning j.id, j.provider, j.kind, j.state, j.message_id as "messageId", j.provider_message_id as "providerMessageId",
      j.dedupe_key as "dedupeKey", j.sealed, j.received_at as "receivedAt", j.next_attempt_at as "nextAttemptAt"`.execute(db);
  return rows;
}

export async function blankEntries(tx: Kysely<unknown>, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await sql`update webhook_journal set sealed = null where id = any(${ids}::uuid[])`.execute(tx);
}

export type Settled = Pick<JournalRow, 'id' | 'state' | 'messageId'>;

/** Returns how many were parked still. */
export async function settleParked(tx: Kysely<unknown>, entries: readonly Settled[]): Promise<number> {
  if (entries.length === 0) return 0;
  // The ids a second time, as a plain list: with it the planner leaves out the months that hold none of them.
  const ids = entries.map(({ id }) => id);
  const { rows } = await sql`
    update webhook_journal j set state = c.state, message_id = c.message_id
    from ${rowsOf<Settled>({ id: 'uuid', state: 'text', messageId: 'uuid' }, entries, 'c')}
    where j.id = c.id and j.id = any(${ids}::uuid[]) and j.state = 'PARKED' returning j.id`.execute(tx);
  return rows.length;
}

/** A message from a person that nobody has applied. */
export type ParkedIncoming = Pick<JournalRow, 'id' | 'provider' | 'sealed' | 'receivedAt'> & { providerMessageId: string };

/** Of all tenants, in the order of their ids. Found first of all: nobody may walk the journal for the few that are parked. */
export async function parkedIncoming(db: Kysely<unknown>, until: Date, after: string | null, limit: number): Promise<ParkedIncoming[]> {
  const later = after ? sql`and id > ${after}::uuid` : sql``;
  const { rows } = await sql<ParkedIncoming>`
    with parked as materialized (
      select id from webhook_journal where state = 'PARKED' and kind = 'INCOMING' and sealed is not null and received_at <= ${until} ${later})
    select j.id, j.provider, j.sealed, j.received_at as "receivedAt", j.provider_message_id as "providerMessageId" from webhook_journal j
    where j.id = any(array(select id from parked order by id limit ${limit})) order by j.id`.execute(db);
  return rows;
}

/** Given up, and nothing of it is kept. False where it is not parked any more. */
export async function blankParked(tx: Kysely<unknown>, id: string): Promise<boolean> {
  const { rows } = await sql`
    update webhook_journal set state = 'UNKNOWN', sealed = null where id = ${id} and state = 'PARKED' returning id`.execute(tx);
  return rows.length === 1;
}
