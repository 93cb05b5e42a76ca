import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { Channel } from '../vocabulary.js';
import type { IdentityRow } from './contact.row.js';

/** A row of `former_addresses`: until then it was the contact's. */
export interface FormerAddress {
  addressHash: Buffer;
  removedAt: Date;
}

/** Takes the address from its contact, and keeps until when it was theirs, and what they have stopped from it. The contact is locked. */
export async function removeIdentity(
  tx: Transaction<unknown>,
  { tenantId, id, contactId, addressHash }: Pick<IdentityRow, 'tenantId' | 'id' | 'contactId' | 'addressHash'>,
  at: Date,
): Promise<void> {
  // Not left to be found by the address: its next owner takes the STOP back for themselves, and only for themselves.
  await sql`
    update contacts set former_stops = array(
      select unnest(former_stops) union select channel from suppressions
      where tenant_id = ${tenantId} and address_hash = ${addressHash} and category = '*' and source in ('KEYWORD', 'PROVIDER'))
    where tenant_id = ${tenantId} and id = ${contactId}`.execute(tx);
  await sql`
    with removed as (
      delete from contact_identities where tenant_id = ${tenantId} and id = ${id} returning tenant_id, address_hash, contact_id)
    insert into former_addresses (tenant_id, address_hash, contact_id, removed_at)
    select tenant_id, address_hash, contact_id, ${at}::timestamptz from removed
    on conflict (tenant_id, address_hash, contact_id) do update set removed_at = excluded.removed_at,
      removed_before = former_addresses.removed_before || former_addresses.removed_at`.execute(tx);
}

/** Of the contacts together, each once. */
export async function formerAddressesOf(db: Kysely<unknown>, tenantId: string, contactIds: readonly string[]): Promise<FormerAddress[]> {
  const { rows } = await sql<FormerAddress>`
    select address_hash as "addressHash", max(removed_at) as "removedAt" from former_addresses
    where tenant_id = ${tenantId} and contact_id = any(${contactIds}::uuid[]) group by address_hash order by 2`.execute(db);
  return rows;
}

/** Of these contacts, and of whoever else had one of these addresses. */
export async function eraseFormerAddresses(
  tx: Transaction<unknown>,
  tenantId: string,
  contactIds: readonly string[],
  addressHashes: readonly Buffer[],
): Promise<void> {
  await sql`
    delete from former_addresses
    where tenant_id = ${tenantId} and (contact_id = any(${contactIds}::uuid[]) or address_hash = any(${addressHashes}::bytea[]))`.execute(
    tx,
  );
}

/** The contact, and those that were merged into it. */
const isPerson = (tenantId: string, contactId: string): RawBuilder<unknown> =>
  sql`tenant_id = ${tenantId} and (id = ${contactId} or merged_into = ${contactId})`;

/** The channels that the person has stopped from addresses that are theirs no longer. */
export async function formerStopsOf(db: Kysely<unknown>, tenantId: string, contactId: string): Promise<Channel[]> {
  const { rows } = await sql<{ channel: Channel }>`
    select distinct unnest(former_stops) as channel from contacts where ${isPerson(tenantId, contactId)}`.execute(db);
  return rows.map(({ channel }) => channel);
}

/** The person has said START. Returns whether there was any. */
export async function liftFormerStops(tx: Transaction<unknown>, tenantId: string, contactId: string, channel: Channel): Promise<boolean> {
  const { rows } = await sql`
    update contacts set former_stops = array_remove(former_stops, ${channel}::text)
    where ${isPerson(tenantId, contactId)} and ${channel}::text = any(former_stops) returning id`.execute(tx);
  return rows.length > 0;
}
