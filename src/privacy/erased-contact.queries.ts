import { sql, type Kysely, type Transaction } from 'kysely';
import { ERASED_HASH } from './erased-messages.queries.js';

/** The contact and those that were merged into it. */
export async function contactIdsOf(db: Kysely<unknown>, tenantId: string, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from contacts where tenant_id = ${tenantId} and id = ${id}
    union all select id from contacts where tenant_id = ${tenantId} and merged_into = ${id}`.execute(db);
  return rows.map((row) => row.id);
}

/** What the contacts themselves say, and their addresses. Returns the ids of their conversations. */
export async function eraseContacts(tx: Transaction<unknown>, tenantId: string, ids: readonly string[], at: Date): Promise<string[]> {
  await sql`
    update contacts set sealed = null, external_id = null, language = null, time_zone = null, erased_at = coalesce(erased_at, ${at}), updated_at = ${at}
    where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from contact_identities where tenant_id = ${tenantId} and contact_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from preferences where tenant_id = ${tenantId} and contact_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from opt_in_requests where tenant_id = ${tenantId} and contact_id = any(${ids}::uuid[])`.execute(tx);
  const { rows } = await sql<{ id: string }>`
    update conversations set address_hash = null, session_expires_at = null, unread_count = 0, state = 'CLOSED'
    where tenant_id = ${tenantId} and contact_id = any(${ids}::uuid[]) returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

export async function eraseAnswerWindows(tx: Transaction<unknown>, tenantId: string, addressHashes: readonly Buffer[]): Promise<void> {
  await sql`delete from answer_windows where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[])`.execute(tx);
}

/** Of who had these addresses before: what they were asked there stays theirs. Before `former_addresses` is erased, which tells who that is. */
export async function eraseHashesOfFormerOwners(
  tx: Transaction<unknown>,
  tenantId: string,
  addressHashes: readonly Buffer[],
): Promise<void> {
  // The address may have been taken from somebody who has been merged since: the rows have moved, the former address has not.
  const areTheirs = sql`tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[]) and contact_id in (
    select coalesce(c.merged_into, c.id) from former_addresses f join contacts c on c.id = f.contact_id
    where f.tenant_id = ${tenantId} and f.address_hash = any(${addressHashes}::bytea[]))`;
  await sql`update conversations set address_hash = null where ${areTheirs}`.execute(tx);
  await sql`update opt_in_requests set address_hash = ${ERASED_HASH} where ${areTheirs}`.execute(tx);
}

/** Up to `limit` of what was said when consents changed; their digests stay, so that the chain does. */
export async function eraseProofs(tx: Kysely<unknown>, tenantId: string, contactIds: readonly string[], limit: number): Promise<number> {
  const { rows } = await sql`
    update consent_events e set sealed = null where e.tenant_id = ${tenantId} and e.id in (
      select id from consent_events
      where tenant_id = ${tenantId} and contact_id = any(${contactIds}::uuid[]) and sealed is not null order by id limit ${limit})
    returning e.id`.execute(tx);
  return rows.length;
}
