import { sql, type Kysely, type Transaction } from 'kysely';
import type { ErasureRow, OpenErasure } from './erasure.row.js';

const columns = sql`e.id, e.tenant_id as "tenantId", e.contact_id as "contactId", e.address_hashes as "addressHashes", e.sealed,
  e.requested_at as "requestedAt", e.next_at as "nextAt", e.messages, e.inbound_messages as "inboundMessages", e.finished_at as "finishedAt"`;

export async function insertErasure(tx: Transaction<unknown>, row: OpenErasure): Promise<void> {
  await sql`
    insert into erasures (id, tenant_id, contact_id, address_hashes, sealed, requested_at, next_at)
    values (${row.id}, ${row.tenantId}, ${row.contactId}, ${row.addressHashes}::bytea[], ${row.sealed}, ${row.requestedAt}, ${row.nextAt})`.execute(
    tx,
  );
}

/** One for what the contact had at the end, and one for each address that it had had before. */
export async function erasuresOf(db: Kysely<unknown>, tenantId: string, contactId: string): Promise<ErasureRow[]> {
  const { rows } = await sql<ErasureRow>`
    select ${columns} from erasures e where e.tenant_id = ${tenantId} and e.contact_id = ${contactId} order by e.id`.execute(db);
  return rows;
}

export async function findErasures(db: Kysely<unknown>, tenantId: string, ids: readonly string[]): Promise<ErasureRow[]> {
  const { rows } = await sql<ErasureRow>`
    select ${columns} from erasures e where e.tenant_id = ${tenantId} and e.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

/** Takes those that are due, of all tenants, and puts off their next turn: whoever dies with them loses a minute. */
export async function takeDueErasures(db: Kysely<unknown>, now: Date, limit: number): Promise<OpenErasure[]> {
  const { rows } = await sql<OpenErasure>`
    with due as (
      select id from erasures where finished_at is null and next_at <= ${now} order by next_at limit ${limit} for update skip locked)
    update erasures e set next_at = ${new Date(now.getTime() + 60_000)} from due where e.id = due.id returning ${columns}`.execute(db);
  return rows;
}

export async function countErased(
  tx: Transaction<unknown>,
  { tenantId, id }: Pick<ErasureRow, 'tenantId' | 'id'>,
  { messages = 0, inboundMessages = 0 }: { messages?: number; inboundMessages?: number },
): Promise<void> {
  await sql`
    update erasures set messages = messages + ${messages}, inbound_messages = inbound_messages + ${inboundMessages}
    where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

export async function forgetNames(db: Kysely<unknown>, { tenantId, id }: Pick<ErasureRow, 'tenantId' | 'id'>): Promise<void> {
  await sql`update erasures set sealed = null where tenant_id = ${tenantId} and id = ${id}`.execute(db);
}

export async function postponeErasure(
  db: Kysely<unknown>,
  { tenantId, id }: Pick<ErasureRow, 'tenantId' | 'id'>,
  nextAt: Date,
): Promise<void> {
  await sql`update erasures set next_at = ${nextAt} where tenant_id = ${tenantId} and id = ${id} and finished_at is null`.execute(db);
}

export async function finishErasure(db: Kysely<unknown>, { tenantId, id }: Pick<ErasureRow, 'tenantId' | 'id'>, at: Date): Promise<void> {
  await sql`
    update erasures set finished_at = ${at}, next_at = null, address_hashes = null, sealed = null
    where tenant_id = ${tenantId} and id = ${id}`.execute(db);
}
