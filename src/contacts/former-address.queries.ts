import { sql, type Kysely, type Transaction } from 'kysely';
import { rowsOf } from '../platform/database/rows.js';
import type { IdentityRow } from './contact.row.js';

/** A row of `former_addresses`: until then it was the contact's. */
export interface FormerAddress {
  addressHash: Buffer;
  removedAt: Date;
}

/** Takes the address from its contact, and keeps until when it was theirs. The contact is locked. */
export async function removeIdentity(
  tx: Transaction<unknown>,
  { tenantId, id }: Pick<IdentityRow, 'tenantId' | 'id'>,
  at: Date,
): Promise<void> {
  await sql`
    with removed as (
      delete from contact_identities where tenant_id = ${tenantId} and id = ${id} returning tenant_id, address_hash, contact_id)
    insert into former_addresses (tenant_id, address_hash, contact_id, removed_at)
    select tenant_id, address_hash, contact_id, ${at}::timestamptz from removed
    on conflict (tenant_id, address_hash, contact_id) do update set removed_at = excluded.removed_at,
      removed_before = former_addresses.removed_before || former_addresses.removed_at`.execute(tx);
}

/** `isFormer`: it was taken from them since. */
export interface OwnerThen {
  id: string;
  isFormer: boolean;
}

/** Whose each address was at its time: whoever it was taken from first since then, or else whoever has it. */
export async function ownersThen(
  db: Kysely<unknown>,
  tenantId: string,
  addresses: readonly { addressHash: Buffer; at: Date }[],
): Promise<OwnerThen[]> {
  const { rows } = await sql<OwnerThen>`
    with asked as materialized (
      select a.address_hash, (
        select f.contact_id from former_addresses f cross join unnest(f.removed_before || f.removed_at) as theirs (until)
        where f.tenant_id = ${tenantId} and f.address_hash = a.address_hash and theirs.until >= a.at order by theirs.until limit 1
      ) as former_id from ${rowsOf({ addressHash: 'bytea', at: 'timestamptz' }, addresses, 'a')})
    select coalesce(k.merged_into, k.id) as id, true as "isFormer" from asked a join contacts k on k.tenant_id = ${tenantId} and k.id = a.former_id
    union
    select i.contact_id, false from asked a join contact_identities i on i.tenant_id = ${tenantId} and i.address_hash = a.address_hash
    where a.former_id is null`.execute(db);
  return rows;
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
