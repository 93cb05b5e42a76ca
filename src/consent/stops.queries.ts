import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { Channel } from '../vocabulary.js';

/**
 * The people have said STOP, or the provider in their name. Kept with them and not only by the address: that may be taken from them
 * before or after it is heard of, and its next owner says START for themselves alone. The contacts are locked.
 */
export async function keepStops(
  tx: Transaction<unknown>,
  tenantId: string,
  contactIds: readonly string[],
  channel: Channel,
): Promise<void> {
  await sql`
    update contacts set stops = stops || ${channel}::text
    where tenant_id = ${tenantId} and id = any(${contactIds}::uuid[]) and ${channel}::text <> all(stops)`.execute(tx);
}

/** The contact, and those that were merged into it. */
const isPerson = (tenantId: string, contactId: string): RawBuilder<unknown> =>
  sql`tenant_id = ${tenantId} and (id = ${contactId} or merged_into = ${contactId})`;

/** The channels that the person has stopped, whoever has the address now that they said it from. */
export async function stopsOf(db: Kysely<unknown>, tenantId: string, contactId: string): Promise<Channel[]> {
  const { rows } = await sql<{ channel: Channel }>`
    select distinct unnest(stops) as channel from contacts where ${isPerson(tenantId, contactId)}`.execute(db);
  return rows.map(({ channel }) => channel);
}

/** The person has said START. Returns whether there was any. */
export async function liftStops(tx: Transaction<unknown>, tenantId: string, contactId: string, channel: Channel): Promise<boolean> {
  const { rows } = await sql`
    update contacts set stops = array_remove(stops, ${channel}::text)
    where ${isPerson(tenantId, contactId)} and ${channel}::text = any(stops) returning id`.execute(tx);
  return rows.length > 0;
}
