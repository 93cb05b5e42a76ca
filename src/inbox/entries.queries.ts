import { sql, type Kysely } from 'kysely';
import type { Channel } from '../vocabulary.js';

/** Whose entries are asked for: the conversation, and the addresses that its contact is written to. */
export interface EntrySource {
  conversationId: string;
  channel: Channel;
  addressHash: Buffer | null;
}

export interface EntryPage {
  limit: number;
  after: string | null;
  before: string | null;
  /** Take the last ones before `before`, not the first after `after`. */
  backwards: boolean;
}

export interface EntryRef {
  conversationId: string;
  kind: 'MESSAGE' | 'INBOUND';
  id: string;
}

/**
 * Of each conversation, up to `limit + 1` of what went out and came in, the nearest to the cursor first. Ids sort by time.
 * One row of `sources` for each address; each is looked up by itself, so that the indexes give the order.
 */
export async function entriesOf(
  db: Kysely<unknown>,
  tenantId: string,
  sources: readonly EntrySource[],
  { limit, after, before, backwards }: EntryPage,
): Promise<EntryRef[]> {
  const order = backwards ? sql`desc` : sql`asc`;
  const within = (id: string) =>
    sql`${after ? sql`and ${sql.raw(id)} > ${after}::uuid` : sql``} ${before ? sql`and ${sql.raw(id)} < ${before}::uuid` : sql``}`;
  const ids = [...new Set(sources.map(({ conversationId }) => conversationId))];
  const written = sources.filter((source) => source.addressHash !== null);
  const { rows } = await sql<EntryRef>`
    with found as (
      select s.id as conversation_id, 'MESSAGE' as kind, m.id
      from unnest(${written.map(({ conversationId }) => conversationId)}::uuid[], ${written.map(({ channel }) => channel)}::text[],
        ${written.map(({ addressHash }) => addressHash)}::bytea[]) as s (id, channel, address_hash)
      cross join lateral (
        select m.id from messages m where m.tenant_id = ${tenantId} and m.to_hash = s.address_hash and m.channel = s.channel ${within('m.id')}
        order by m.id ${order} limit ${limit + 1}) m
      union all
      select s.id, 'INBOUND', b.id from unnest(${ids}::uuid[]) as s (id)
      cross join lateral (
        select b.id from inbound_messages b where b.conversation_id = s.id and b.tenant_id = ${tenantId} ${within('b.id')}
        order by b.id ${order} limit ${limit + 1}) b)
    select conversation_id as "conversationId", kind, id from (
      select *, row_number() over (partition by conversation_id order by id ${order}) as place from found) f
    where place <= ${limit + 1} order by conversation_id, place`.execute(db);
  return rows;
}
