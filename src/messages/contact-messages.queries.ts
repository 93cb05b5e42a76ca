import { sql, type Kysely } from 'kysely';
import { rowsOf } from '../platform/database/rows.js';
import { conditionsOf, type MessageFilter } from './message.queries.js';
import { messageColumns, type MessageRow } from './message.row.js';

export interface ContactHash {
  contactId: string;
  hash: Buffer;
}

export type MessageOfContact = MessageRow & { personId: string };

const COLUMNS = { contactId: 'uuid', hash: 'bytea' };

/** A page of each contact's messages. */
export async function listMessagesOf(
  db: Kysely<unknown>,
  tenantId: string,
  hashes: readonly ContactHash[],
  filter: MessageFilter,
  { limit, after }: { limit: number; after: string | null },
): Promise<MessageOfContact[]> {
  const conditions = conditionsOf(tenantId, filter);
  if (after) conditions.push(sql`m.id < ${after}::uuid`);
  // Address by address, each of whose messages an index has in order. Of several at once it has not, and where PostgreSQL takes
  // them for frequent, as in the first hours of a month, it would read every month from its end instead.
  const { rows } = await sql<MessageOfContact>`
    with known as (select contact_id, hash from ${rowsOf<ContactHash>(COLUMNS, hashes, 'h')})
    select p.contact_id as "personId", found.* from (select distinct contact_id from known) p cross join lateral (
      select by_address.* from known cross join lateral (
        select ${messageColumns} from messages m where m.to_hash = known.hash and ${sql.join(conditions, sql` and `)}
        order by m.id desc limit ${limit + 1}) by_address
      where known.contact_id = p.contact_id order by by_address.id desc limit ${limit + 1}) found`.execute(db);
  return rows;
}

export async function countMessagesOf(
  db: Kysely<unknown>,
  tenantId: string,
  hashes: readonly ContactHash[],
  filter: MessageFilter,
): Promise<{ contactId: string; count: number }[]> {
  const { rows } = await sql<{ contactId: string; count: number }>`
    select h.contact_id as "contactId", count(*) as count from ${rowsOf<ContactHash>(COLUMNS, hashes, 'h')}
      join messages m on m.to_hash = h.hash where ${sql.join(conditionsOf(tenantId, filter), sql` and `)}
    group by h.contact_id`.execute(db);
  return rows;
}
