import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { MessageRow } from '../messages/message.row.js';
import type { Channel } from '../vocabulary.js';
import type { InboundRow } from './inbound.row.js';

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

/** The place of an entry, as its cursor holds it. Not the id: a message that waited in the journal is applied after the reply to the next one. */
export const placeOfEntry = (row: MessageRow | InboundRow): string => ('journalId' in row && row.journalId) || row.id;

const PLACE = sql`coalesce(b.journal_id, b.id)`;

/**
 * Of each conversation, up to `limit + 1` of what went out and came in, the nearest to the cursor first. Places are ids, which sort by time.
 * One row of `sources` for each address; each is looked up by itself, so that the indexes give the order.
 */
export async function entriesOf(
  db: Kysely<unknown>,
  tenantId: string,
  sources: readonly EntrySource[],
  { limit, after, before, backwards }: EntryPage,
): Promise<EntryRef[]> {
  const order = backwards ? sql`desc` : sql`asc`;
  const within = (place: RawBuilder<unknown>) =>
    sql`${after ? sql`and ${place} > ${after}::uuid` : sql``} ${before ? sql`and ${place} < ${before}::uuid` : sql``}`;
  const ids = [...new Set(sources.map(({ conversationId }) => conversationId))];
  const written = sources.filter((source) => source.addressHash !== null);
  const { rows } = await sql<EntryRef>`
    with found as (
      select s.id as conversation_id, 'MESSAGE' as kind, m.id, m.id as place
      from unnest(${written.map(({ conversationId }) => conversationId)}::uuid[], ${written.map(({ channel }) => channel)}::text[],
        ${written.map(({ addressHash }) => addressHash)}::bytea[]) as s (id, channel, address_hash)
      cross join lateral (
        select m.id from messages m where m.tenant_id = ${tenantId} and m.to_hash = s.address_hash and m.channel = s.channel ${within(sql`m.id`)}
        order by m.id ${order} limit ${limit + 1}) m
      union all
      select s.id, 'INBOUND', b.id, b.place from unnest(${ids}::uuid[]) as s (id)
      cross join lateral (
        select b.id, ${PLACE} as place from inbound_messages b where b.conversation_id = s.id and b.tenant_id = ${tenantId} ${within(PLACE)}
        order by ${PLACE} ${order} limit ${limit + 1}) b)
    select conversation_id as "conversationId", kind, id from (
      select *, row_number() over (partition by conversation_id order by place ${order}) as nth from found) f
    where nth <= ${limit + 1} order by conversation_id, nth`.execute(db);
  return rows;
}
