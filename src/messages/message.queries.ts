import { sql, type Kysely, type RawBuilder } from 'kysely';
import { idFloor, idTime, isUuid } from '../platform/ids.js';
import { APART_MS } from './accepted-at.js';
import type { ErrorKind } from './delivery-error.js';
import { eventColumns, type EventRow } from './message-event.js';
import type { MessageStatus } from './message-status.js';
import { messageColumns, type MessageRow } from './message.row.js';
import type { Channel, MessageCategory } from '../vocabulary.js';

export interface MessageFilter {
  status?: MessageStatus[] | null;
  channel?: Channel[] | null;
  category?: MessageCategory[] | null;
  provider?: string[] | null;
  topic?: string | null;
  /** Keyed hashes of normalised addresses. */
  toHashes?: Buffer[] | null;
  batchId?: string | null;
  reference?: string | null;
  templateCode?: string | null;
  errorKind?: ErrorKind[] | null;
  createdAfter?: Date | null;
  createdBefore?: Date | null;
}

/** One page, newest first. `backwards` takes the last rows before `before` instead of the first after `after`. */
export interface MessagePage {
  limit: number;
  after: string | null;
  before: string | null;
  backwards: boolean;
}

type Condition = RawBuilder<unknown>;

/** The clocks of the machines that accept and that send may differ by so much. */
export const CLOCKS_MS = 10 * 60_000;

/** Of a row `m` of messages. */
export function conditionsOf(tenantId: string, filter: MessageFilter): Condition[] {
  const conditions: Condition[] = [sql`m.tenant_id = ${tenantId}`];
  const among = (column: string, values: readonly unknown[] | null | undefined, type = 'text'): void => {
    if (values) conditions.push(sql`m.${sql.raw(column)} = any(${values}::${sql.raw(type)}[])`);
  };
  const equal = (column: string, value: unknown): void => {
    if (value !== null && value !== undefined) conditions.push(sql`m.${sql.raw(column)} = ${value}`);
  };
  among('status', filter.status);
  among('channel', filter.channel);
  among('category', filter.category);
  among('provider', filter.provider);
  among('error_kind', filter.errorKind);
  among('to_hash', filter.toHashes, 'bytea');
  equal('topic', filter.topic);
  // PostgreSQL refuses to compare ids with what is none; nothing has it.
  if (typeof filter.batchId === 'string' && !isUuid(filter.batchId)) conditions.push(sql`false`);
  else equal('batch_id', filter.batchId);
  equal('reference', filter.reference);
  equal('template_code', filter.templateCode);
  if (filter.createdAfter) {
    conditions.push(sql`m.created_at > ${filter.createdAfter}`);
    conditions.push(sql`m.id >= ${idFloor(new Date(filter.createdAfter.getTime() - APART_MS))}::uuid`);
  }
  if (filter.createdBefore) {
    conditions.push(sql`m.created_at < ${filter.createdBefore}`);
    conditions.push(sql`m.id < ${idFloor(new Date(filter.createdBefore.getTime() + APART_MS))}::uuid`);
  }
  return conditions;
}

const where = (conditions: Condition[]): RawBuilder<unknown> => sql`where ${sql.join(conditions, sql` and `)}`;

/** Ids from the one up to the other, of which no more than `most` are wanted. */
export interface IdRange {
  from: string;
  to: string;
  most: number;
}

/** Up to `limit + 1` rows: the one too many says that there are more. Of rows in the ranges only, where some are given. */
export async function listMessages(
  db: Kysely<unknown>,
  tenantId: string,
  filter: MessageFilter,
  page: MessagePage,
  ranges?: readonly IdRange[],
): Promise<MessageRow[]> {
  const conditions = conditionsOf(tenantId, filter);
  if (page.after) conditions.push(sql`m.id < ${page.after}::uuid`);
  if (page.before) conditions.push(sql`m.id > ${page.before}::uuid`);
  const order = sql.raw(`order by id ${page.backwards ? 'asc' : 'desc'}`);
  const limit = page.limit + 1;
  const found = ranges
    ? sql`unnest(
          ${ranges.map(({ from }) => from)}::uuid[], ${ranges.map(({ to }) => to)}::uuid[], ${ranges.map(({ most }) => Math.min(most, limit))}::int[]
        ) as range (lower, upper, most)
        cross join lateral (
          select ${messageColumns} from messages m ${where([...conditions, sql`m.id >= range.lower`, sql`m.id < range.upper`])}
          ${order} limit range.most) found`
    : sql`(select ${messageColumns} from messages m ${where(conditions)} ${order} limit ${limit}) found`;
  const { rows } = await sql<MessageRow>`select found.* from ${found} ${order} limit ${limit}`.execute(db);
  return rows;
}

/** The tenant's first that is still there: its id. */
export async function oldestMessage(db: Kysely<unknown>, tenantId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from messages where tenant_id = ${tenantId} order by id limit 1`.execute(db);
  return rows[0]?.id ?? null;
}

export interface Gone {
  /** Midnight UTC; what was accepted before is deleted for its age, or is being deleted, but for what still lives. Null where nothing was. */
  keptFrom: Date | null;
  /** The first moments of months that have no table, the latest month first: it was dropped, or nobody sent anything. */
  months: Date[];
}

/** What may be gone of the tenant's messages since the one with the id. */
export async function goneSince(db: Kysely<unknown>, tenantId: string, id: string): Promise<Gone> {
  const { rows } = await sql<{ keptFrom: Date | null; months: string[] }>`
    select (select kept_from from retentions where tenant_id = ${tenantId}) as "keptFrom",
      array(select to_char(month, 'YYYY-MM') from generate_series(
        date_trunc('month', ${idTime(id)}::timestamptz at time zone 'UTC'), now() at time zone 'UTC', interval '1 month') as month
        where to_regclass('messages' || to_char(month, '_YYYY_MM')) is null order by month desc) as months`.execute(db);
  return { keptFrom: rows[0]?.keptFrom ?? null, months: (rows[0]?.months ?? []).map((month) => new Date(`${month}-01T00:00:00Z`)) };
}

export async function countMessages(db: Kysely<unknown>, tenantId: string, filter: MessageFilter): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from messages m ${where(conditionsOf(tenantId, filter))}`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/**
 * The ids of a page of matching rows, oldest first: for work that walks through all of them. Status by status, because the
 * index of statuses has the order of ids in each alone: for several at once the planner may prefer to walk all messages.
 */
export async function matchingIds(
  db: Kysely<unknown>,
  tenantId: string,
  { status: statuses, ...filter }: MessageFilter & { status: MessageStatus[] },
  after: string | null,
  limit: number,
): Promise<string[]> {
  const conditions = conditionsOf(tenantId, filter);
  if (after) conditions.push(sql`m.id > ${after}::uuid`);
  const ofOne = (status: MessageStatus): RawBuilder<unknown> =>
    sql`(select m.id from messages m ${where([...conditions, sql`m.status = ${status}`])} order by m.id limit ${limit})`;
  const { rows } = await sql<{ id: string }>`
    select id from (${sql.join(statuses.map(ofOne), sql` union all `)}) found order by id limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

export async function findMessage(db: Kysely<unknown>, tenantId: string, id: string): Promise<MessageRow | null> {
  return (await findMessages(db, tenantId, [id]))[0] ?? null;
}

export async function findMessages(db: Kysely<unknown>, tenantId: string, ids: readonly string[]): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m where m.id = any(${ids}::uuid[]) and m.tenant_id = ${tenantId}`.execute(db);
  return rows;
}

/** Oldest first. An event is never older than its message, so the lowest message id bounds the months to look at. */
export async function eventsOfMessages(db: Kysely<unknown>, tenantId: string, messageIds: readonly string[]): Promise<EventRow[]> {
  const oldest = messageIds.reduce((a, b) => (a < b ? a : b), 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  const { rows } = await sql<EventRow>`
    select ${eventColumns} from message_events e
    where e.message_id = any(${messageIds}::uuid[]) and e.tenant_id = ${tenantId} and e.id >= ${floorOf(oldest)}::uuid
    order by e.id`.execute(db);
  return rows;
}

const floorOf = (id: string): string => idFloor(new Date(idTime(id).getTime() - CLOCKS_MS));

/** For workers, which serve every tenant. */
export async function findMessagesOfAllTenants(db: Kysely<unknown>, ids: readonly string[]): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`select ${messageColumns} from messages m where m.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}
