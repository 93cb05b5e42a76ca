import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { snakeCase } from '../platform/database/rows.js';
import type { Channel } from '../vocabulary.js';
import { CONVERSATION_COLUMNS, type ConversationRow, type ConversationState } from './conversation.row.js';

const columns: RawBuilder<unknown> = sql.raw(
  Object.keys(CONVERSATION_COLUMNS)
    .map((name) => `v.${snakeCase(name)} as "${name}"`)
    .join(', '),
);

/** The conversation of the contact on the channel, made or opened again, with one more to read. A session stays with its address. */
export async function receiveInto(
  tx: Transaction<unknown>,
  row: Pick<ConversationRow, 'id' | 'tenantId' | 'contactId' | 'channel' | 'sessionExpiresAt' | 'addressHash'> & { at: Date },
): Promise<ConversationRow> {
  const { rows } = await sql<ConversationRow>`
    insert into conversations as v (id, tenant_id, contact_id, channel, state, unread_count, last_activity_at, session_expires_at, created_at, address_hash)
    values (${row.id}, ${row.tenantId}, ${row.contactId}, ${row.channel}, 'OPEN', 1, ${row.at}, ${row.sessionExpiresAt}, ${row.at}, ${row.addressHash})
    on conflict (tenant_id, contact_id, channel) do update set state = 'OPEN', unread_count = v.unread_count + 1,
      address_hash = case when v.session_expires_at > excluded.session_expires_at then v.address_hash else excluded.address_hash end,
      last_activity_at = greatest(v.last_activity_at, excluded.last_activity_at),
      session_expires_at = greatest(v.session_expires_at, excluded.session_expires_at)
    returning ${columns}`.execute(tx);
  const [conversation] = rows;
  if (!conversation) throw new Error('The conversation was not stored.');
  return conversation;
}

export async function findConversations(db: Kysely<unknown>, tenantId: string, ids: readonly string[]): Promise<ConversationRow[]> {
  const { rows } = await sql<ConversationRow>`
    select ${columns} from conversations v where v.tenant_id = ${tenantId} and v.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

export interface ConversationFilter {
  state?: ConversationState | null;
  channel?: Channel | null;
  unreadOnly?: boolean;
  /** Of the contacts that a search has found. */
  contactIds?: readonly string[] | null;
}

/** Where a page begins: the last activity of the conversation before it, and its id. */
export interface ConversationPlace {
  at: Date;
  id: string;
}

/** The one with the latest activity first; up to `limit + 1` rows. */
export async function listConversations(
  db: Kysely<unknown>,
  tenantId: string,
  { state, channel, unreadOnly, contactIds }: ConversationFilter,
  { limit, after }: { limit: number; after: ConversationPlace | null },
): Promise<ConversationRow[]> {
  const conditions = [sql`v.tenant_id = ${tenantId}`];
  if (state) conditions.push(sql`v.state = ${state}`);
  if (channel) conditions.push(sql`v.channel = ${channel}`);
  if (unreadOnly) conditions.push(sql`v.unread_count > 0`);
  if (contactIds) conditions.push(sql`v.contact_id = any(${contactIds}::uuid[])`);
  if (after) conditions.push(sql`(v.last_activity_at, v.id) < (${after.at}, ${after.id}::uuid)`);
  const { rows } = await sql<ConversationRow>`
    select ${columns} from conversations v where ${sql.join(conditions, sql` and `)}
    order by v.last_activity_at desc, v.id desc limit ${limit + 1}`.execute(db);
  return rows;
}

/** Of each contact, the latest `limit + 1` after the place. */
export async function conversationsOfContacts(
  db: Kysely<unknown>,
  tenantId: string,
  contactIds: readonly string[],
  { limit, after }: { limit: number; after: ConversationPlace | null },
): Promise<ConversationRow[]> {
  const earlier = after ? sql`and (v.last_activity_at, v.id) < (${after.at}, ${after.id}::uuid)` : sql``;
  const { rows } = await sql<ConversationRow>`
    select o.* from unnest(${contactIds}::uuid[]) as k (id) cross join lateral (
      select ${columns} from conversations v where v.tenant_id = ${tenantId} and v.contact_id = k.id ${earlier}
      order by v.last_activity_at desc, v.id desc limit ${limit + 1}) o`.execute(db);
  return rows;
}

export type ConversationChange = Partial<Pick<ConversationRow, 'state' | 'assignee' | 'unreadCount'>> & { activityAt?: Date };

/** Null where there is none. */
export async function changeConversation(
  db: Kysely<unknown>,
  tenantId: string,
  id: string,
  { state, assignee, unreadCount, activityAt }: ConversationChange,
): Promise<ConversationRow | null> {
  const sets = [sql`last_activity_at = greatest(v.last_activity_at, ${activityAt ?? null}::timestamptz)`];
  if (state !== undefined) sets.push(sql`state = ${state}`);
  if (assignee !== undefined) sets.push(sql`assignee = ${assignee}`);
  if (unreadCount !== undefined) sets.push(sql`unread_count = ${unreadCount}`);
  const { rows } = await sql<ConversationRow>`
    update conversations v set ${sql.join(sets)} where v.tenant_id = ${tenantId} and v.id = ${id} returning ${columns}`.execute(db);
  return rows[0] ?? null;
}

export interface Merged {
  id: string;
  /** Of the conversation that went into it. */
  goneId: string | null;
}

/** What was said with one contact goes to the other, in the conversation of each channel. A session stays with its address. Returns what the other has then. */
export async function mergeConversations(tx: Transaction<unknown>, tenantId: string, from: string, into: string): Promise<Merged[]> {
  // First: the update below would read the other's rows as they were before an operator's change that it has not waited for.
  await sql`
    select from conversations where tenant_id = ${tenantId} and contact_id in (${from}, ${into}) order by id for update`.execute(tx);
  await sql`
    update conversations v set state = case when 'OPEN' in (v.state, o.state) then 'OPEN' else v.state end,
      unread_count = v.unread_count + o.unread_count, assignee = coalesce(v.assignee, o.assignee),
      session_expires_at = greatest(v.session_expires_at, o.session_expires_at), created_at = least(v.created_at, o.created_at),
      last_activity_at = greatest(v.last_activity_at, o.last_activity_at),
      address_hash = case when (coalesce(o.session_expires_at, '-infinity'), o.last_activity_at)
        > (coalesce(v.session_expires_at, '-infinity'), v.last_activity_at) then o.address_hash else v.address_hash end
    from conversations o
    where v.tenant_id = ${tenantId} and v.contact_id = ${into} and o.tenant_id = ${tenantId} and o.contact_id = ${from} and o.channel = v.channel`.execute(
    tx,
  );
  await sql`
    update inbound_messages b set conversation_id = v.id from conversations v join conversations o on o.channel = v.channel
    where v.tenant_id = ${tenantId} and v.contact_id = ${into} and o.tenant_id = ${tenantId} and o.contact_id = ${from}
      and b.tenant_id = ${tenantId} and b.conversation_id = o.id`.execute(tx);
  const { rows: gone } = await sql<{ id: string; goneId: string }>`
    delete from conversations o using conversations v where o.tenant_id = ${tenantId} and o.contact_id = ${from}
      and v.tenant_id = ${tenantId} and v.contact_id = ${into} and v.channel = o.channel
    returning v.id, o.id as "goneId"`.execute(tx);
  await sql`update conversations set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = ${from}`.execute(tx);
  await sql`update inbound_messages set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = ${from}`.execute(tx);
  const { rows } = await sql<{ id: string }>`
    select id from conversations where tenant_id = ${tenantId} and contact_id = ${into}`.execute(tx);
  const goneIds = new Map(gone.map(({ id, goneId }) => [id, goneId]));
  return rows.map(({ id }) => ({ id, goneId: goneIds.get(id) ?? null }));
}
