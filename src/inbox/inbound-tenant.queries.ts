import { sql, type Kysely } from 'kysely';
import { GIVEN_OUT } from '../messages/message-status.js';
import type { Channel } from '../vocabulary.js';

/** The tenants of the installation, the first one first. */
export async function tenantIds(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from tenants order by created_at, id`.execute(db);
  return rows.map(({ id }) => id);
}

export interface TenantAddress {
  tenantId: string;
  hash: Buffer;
}

/** Of each tenant, so that an address with a million messages is answered as fast. */
const LATEST = 100;

/**
 * The tenant whose message to the address on the channel had gone out last when the answer came; else the one that has known it longest;
 * else the one that knew it when the answer came, and is erasing the person; else null.
 */
export async function tenantOfAddress(
  db: Kysely<unknown>,
  addresses: readonly TenantAddress[],
  channel: Channel,
  receivedAt: Date,
): Promise<string | null> {
  const { rows } = await sql<{ tenant: string | null }>`
    with a as materialized (
      select * from unnest(${addresses.map(({ tenantId }) => tenantId)}::uuid[], ${addresses.map(({ hash }) => hash)}::bytea[]) as a (tenant_id, hash))
    select coalesce(
      (select a.tenant_id from a cross join lateral (
        select max(latest.asked_at) as at from (
          select m.asked_at from messages m where m.tenant_id = a.tenant_id and m.to_hash = a.hash and m.channel = ${channel}
            and m.status = any(${GIVEN_OUT}::text[]) and m.asked_at <= ${receivedAt}
          order by m.id desc limit ${LATEST}) latest) last
      where last.at is not null order by last.at desc limit 1),
      (select i.tenant_id from a join contact_identities i on i.tenant_id = a.tenant_id and i.address_hash = a.hash
      order by i.created_at, i.id limit 1),
      (select e.tenant_id from a join erasures e on e.tenant_id = a.tenant_id and a.hash = any(e.address_hashes)
      where e.finished_at is null and e.requested_at >= ${receivedAt} and (e.contact_id is not null or e.messages + e.inbound_messages > 0)
      order by e.id limit 1)) as tenant`.execute(db);
  return rows[0]?.tenant ?? null;
}
