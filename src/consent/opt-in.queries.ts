import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { Channel, MessageCategory } from '../vocabulary.js';

/** A row of `opt_in_requests`: a question that was asked. What was asked is inside `sealed`. */
export interface OptInRow {
  id: string;
  tenantId: string;
  contactId: string;
  channel: Channel;
  categories: MessageCategory[];
  sealed: Buffer;
  addressHash: Buffer;
  tokenHash: Buffer;
  createdAt: Date;
  expiresAt: Date;
}

const columns = sql`o.id, o.tenant_id as "tenantId", o.contact_id as "contactId", o.channel, o.categories, o.sealed,
  o.address_hash as "addressHash", o.token_hash as "tokenHash", o.created_at as "createdAt", o.expires_at as "expiresAt"`;

export async function insertOptIn(db: Kysely<unknown>, row: OptInRow): Promise<void> {
  await sql`
    insert into opt_in_requests (id, tenant_id, contact_id, channel, categories, sealed, address_hash, token_hash, created_at, expires_at)
    values (${row.id}, ${row.tenantId}, ${row.contactId}, ${row.channel}, ${row.categories}, ${row.sealed}, ${row.addressHash},
      ${row.tokenHash}, ${row.createdAt}, ${row.expiresAt})`.execute(db);
}

export async function deleteOptIn(db: Kysely<unknown>, tenantId: string, id: string): Promise<void> {
  await sql`delete from opt_in_requests where tenant_id = ${tenantId} and id = ${id} and answered_at is null`.execute(db);
}

/** Of a row `o`: whoever has the address since it was taken from the contact answers for themselves. */
const isStillTheirs = sql`exists (
  select from contact_identities i where i.tenant_id = o.tenant_id and i.contact_id = o.contact_id and i.address_hash = o.address_hash)`;

/** Marks the request as answered, which can be done once, before it expires. */
export async function takeByToken(tx: Transaction<unknown>, tenantId: string, tokenHash: Buffer, at: Date): Promise<OptInRow | null> {
  const { rows } = await sql<OptInRow>`
    update opt_in_requests o set answered_at = ${at} where o.tenant_id = ${tenantId} and o.token_hash = ${tokenHash}
      and o.answered_at is null and o.expires_at > ${at} and ${isStillTheirs} returning ${columns}`.execute(tx);
  return rows[0] ?? null;
}

/** Of the message that asks. */
const REFERENCE = 'opt-in:';
export const referenceOf = (id: string): string => REFERENCE + id;

/** Given to a provider that has not refused it. What it never answered may be with the person, whose answer tells more than we know. */
const OUT = ['SENDING', 'UNCONFIRMED', 'SENT', 'DELIVERED', 'READ'];

/** The references of messages that ask what may still be answered. */
export const openQuestions = (tenantId: string): RawBuilder<unknown> => sql`
  select ${REFERENCE}::text || o.id::text from opt_in_requests o
  where o.tenant_id = ${tenantId} and o.answered_at is null and o.expires_at > now()`;

/**
 * Of several open questions an answer by message means the last that had gone out by then; the others that had count as answered as
 * well. One that waits or has failed nobody has read: whoever says yes means something else. Where it was tried again, the last try counts.
 */
export async function takeByAddress(
  tx: Transaction<unknown>,
  tenantId: string,
  addressHash: Buffer,
  channel: Channel,
  at: Date,
): Promise<OptInRow | null> {
  const { rows } = await sql<OptInRow & { askedAt: Date }>`
    update opt_in_requests o set answered_at = ${at} from messages m
    where o.tenant_id = ${tenantId} and o.address_hash = ${addressHash} and o.channel = ${channel}
      and o.answered_at is null and o.created_at <= ${at} and o.expires_at > ${at} and ${isStillTheirs}
      and m.tenant_id = ${tenantId} and m.reference = ${REFERENCE}::text || o.id::text and m.id > o.id and m.channel = ${channel}
      and m.status = any(${OUT}::text[]) and m.asked_at <= ${at}
    returning ${columns}, m.asked_at as "askedAt"`.execute(tx);
  return rows.toSorted((a, b) => b.askedAt.getTime() - a.askedAt.getTime() || (a.id < b.id ? 1 : -1))[0] ?? null;
}

export async function isOpen(tx: Transaction<unknown>, tenantId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from opt_in_requests where tenant_id = ${tenantId} and id = ${id} and answered_at is null`.execute(tx);
  return rows.length > 0;
}

export async function moveOptIns(
  tx: Transaction<unknown>,
  { tenantId, from, into }: { tenantId: string; from: string; into: string },
): Promise<void> {
  await sql`update opt_in_requests set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = ${from}`.execute(tx);
}

/** Whoever says no has answered every question that is open there. */
export async function closeOptIns(
  tx: Transaction<unknown>,
  tenantId: string,
  addressHashes: readonly Buffer[],
  channels: readonly Channel[],
  at: Date,
): Promise<void> {
  await sql`
    update opt_in_requests set answered_at = ${at} where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[])
      and channel = any(${channels}::text[]) and answered_at is null`.execute(tx);
}
