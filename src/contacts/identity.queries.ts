import { sql, type Transaction } from 'kysely';
import { LockSeed } from '../platform/database/advisory-locks.js';
import { columnList, rowsOf } from '../platform/database/rows.js';
import { IDENTITY_COLUMNS, type IdentityRow } from './contact.row.js';

const PLACES = 64;

/** How many were new: less than there are rows where somebody has just taken one. */
export async function insertIdentities(tx: Transaction<unknown>, identities: readonly IdentityRow[]): Promise<number> {
  const names = Object.keys(IDENTITY_COLUMNS);
  await holdUserIds(tx, identities);
  const { rows } = await sql`
    insert into contact_identities (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<IdentityRow>(IDENTITY_COLUMNS, identities, 'n')}
    where not exists (
      select from contact_identities i where i.tenant_id = n.tenant_id and i.address_hash = n.address_hash
        and i.contact_id <> n.contact_id and '' in (i.scope, n.scope))
    on conflict do nothing returning id`.execute(tx);
  return rows.length;
}

/**
 * A user id without a scope counts in all: two people must not get it at once with and without one, which no unique key can
 * refuse. 64 places a tenant, as in `address_place`: a file names hundreds. Numbers and email addresses have the unique key alone.
 */
async function holdUserIds(tx: Transaction<unknown>, identities: readonly IdentityRow[]): Promise<void> {
  const names = identities.flatMap(({ channel, tenantId, addressHash }) =>
    channel === 'WHATSAPP' ? `${tenantId}${addressHash.readUInt8() % PLACES}` : [],
  );
  if (names.length === 0) return;
  await sql`
    select pg_advisory_xact_lock(place) from (
      select distinct hashtextextended(name, ${LockSeed.USER_ID}) as place from unnest(${names}::text[]) name order by 1) p`.execute(tx);
}

/** The addresses were named again, or a message came from them. */
export async function touchIdentities(
  tx: Transaction<unknown>,
  tenantId: string,
  ids: readonly string[],
  { namedAt, seenAt }: { namedAt: Date | null; seenAt: Date | null },
): Promise<void> {
  await sql`
    update contact_identities set named_at = coalesce(${namedAt}::timestamptz, named_at), last_seen_at = greatest(last_seen_at, ${seenAt}::timestamptz)
    where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(tx);
}
