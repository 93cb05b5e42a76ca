import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { messageColumns, type MessageRow } from '../messages/message.row.js';

export interface ErasedScope {
  tenantId: string;
  addressHashes: readonly Buffer[];
  /** What came later belongs to whoever begins anew. */
  before: Date;
}

/** Takes the place of the hash of an erased address. */
export const ERASED_HASH: Buffer = Buffer.alloc(16);

/** Rows `m` of messages: what was accepted until then, and what takes over from it on another channel, however late. */
const inScope = ({ tenantId, addressHashes, before }: ErasedScope): RawBuilder<unknown> => sql`
  m.tenant_id = ${tenantId} and m.to_hash = any(${addressHashes}::bytea[]) and (m.created_at <= ${before} or m.fallback_of is not null and exists (
    with recursive sources as (
      select s.fallback_of, s.created_at from messages s where s.id = m.fallback_of
      union all
      select s.fallback_of, s.created_at from sources f join messages s on s.id = f.fallback_of)
    select from sources where created_at <= ${before}))`;

/** Of a row `m`: it waits, or a worker, a receipt, the sweep or a caller can have it sent again, or on another channel. */
const mayGoOut = sql`m.max_attempts > 0 and m.status in ('SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT', 'FAILED', 'EXPIRED')`;

/** Waits for the claims and outcomes that hold them: what comes later sees that they have been stopped. */
export async function lockToStop(tx: Transaction<unknown>, scope: ErasedScope, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m where ${inScope(scope)} and ${mayGoOut} order by m.id limit ${limit} for update of m`.execute(
    tx,
  );
  return rows;
}

/** Also tells of what has taken over while the rows were waited for, which the statement that waited does not see. */
export async function isLeftToStop(db: Kysely<unknown>, scope: ErasedScope): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from messages m where ${inScope(scope)} and ${mayGoOut}) as found`.execute(db);
  return rows[0]?.found ?? false;
}

/** Those that nothing is to be sent of any more. */
export async function lockToErase(tx: Transaction<unknown>, scope: ErasedScope, limit: number): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m where ${inScope(scope)} and m.status not in ('SENDING', 'UNCONFIRMED')
    order by m.id limit ${limit} for update of m`.execute(tx);
  return rows;
}

/** Whether any is still with a provider. */
export async function isUnderWay(db: Kysely<unknown>, scope: ErasedScope): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (select from messages m where ${inScope(scope)}) as found`.execute(db);
  return rows[0]?.found ?? false;
}

/** Of an event: the policy was asked, and quiet hours had something to say, which names the person's time zone. */
const toldQuietHours = sql`detail @@ '$.checks[*].rule == "QUIET_HOURS"'`;

/**
 * Callers' addresses, what providers said in words, and the person's time zone; the statuses and their times stay. Without its words
 * the check stays as well: a rule that is not named would count as passed.
 */
export async function eraseEvents(tx: Transaction<unknown>, tenantId: string, messageIds: readonly string[]): Promise<void> {
  await sql`
    update message_events set actor = actor - 'ip' - 'userAgent', error_message = null,
      detail = case when ${toldQuietHours} then jsonb_set(detail, '{checks}', (
        select jsonb_agg(case when one ->> 'rule' = 'QUIET_HOURS' then one || '{"detail": null}' else one end order by place)
        from jsonb_array_elements(detail -> 'checks') with ordinality as c (one, place))) else detail end
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[])
      and (actor is not null or error_message is not null or ${toldQuietHours})`.execute(tx);
}

/** What the provider's webhooks said of these messages. */
export async function eraseReceipts(tx: Transaction<unknown>, messageIds: readonly string[]): Promise<void> {
  await sql`update webhook_journal set sealed = null where message_id = any(${messageIds}::uuid[]) and sealed is not null`.execute(tx);
}

export interface ErasedInbound {
  id: string;
  provider: string;
  providerMessageId: string;
}

/**
 * Up to `limit` of what the person has written. What is erased is asked of the row itself as well: who waited for another erasure
 * of the person would count it a second time.
 */
export async function eraseInbound(
  tx: Transaction<unknown>,
  { tenantId, addressHashes, before }: ErasedScope,
  contactIds: readonly string[],
  limit: number,
): Promise<ErasedInbound[]> {
  const { rows } = await sql<ErasedInbound>`
    update inbound_messages b set sealed = null, from_hash = ${ERASED_HASH}, text_hash = ${ERASED_HASH}, question_id = null, review = null
    where b.id in (
      select id from inbound_messages where tenant_id = ${tenantId} and contact_id = any(${contactIds}::uuid[]) and sealed is not null
      union
      select id from inbound_messages where tenant_id = ${tenantId} and from_hash = any(${addressHashes}::bytea[]) and received_at <= ${before}
      limit ${limit})
      and (b.sealed is not null or b.from_hash <> ${ERASED_HASH})
    returning b.id, b.provider, b.provider_message_id as "providerMessageId"`.execute(tx);
  return rows;
}

export async function eraseIncoming(tx: Transaction<unknown>, providerMessageIds: readonly string[]): Promise<void> {
  await sql`
    update webhook_journal set sealed = null
    where kind = 'INCOMING' and provider_message_id = any(${providerMessageIds}::text[]) and sealed is not null`.execute(tx);
}
