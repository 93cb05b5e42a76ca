import { sql, type Transaction } from 'kysely';
import type { MessageRow } from '../messages/message.row.js';
import { AdvisoryLock } from '../platform/database/advisory-locks.js';
import { rowsOf } from '../platform/database/rows.js';

/** A message as its provider names it. */
export interface ProviderRecord {
  provider: string;
  providerMessageId: string;
}

export const recordKey = ({ provider, providerMessageId }: ProviderRecord): string => `${provider} ${providerMessageId}`;

/** Our ids of messages that providers know by theirs, by `recordKey`. */
export async function messagesOf(tx: Transaction<unknown>, records: readonly ProviderRecord[]): Promise<Map<string, string>> {
  if (records.length === 0) return new Map();
  const ids = records.map(({ providerMessageId }) => providerMessageId);
  const { rows } = await sql<ProviderRecord & { id: string }>`
    select id, provider, provider_message_id as "providerMessageId" from messages where provider_message_id = any(${ids}::text[])`.execute(
    tx,
  );
  return new Map(rows.map((row) => [recordKey(row), row.id]));
}

/** The same for records that are about to be given to messages: one transaction at a time, so that two do not take the same. */
export async function holdersOf(tx: Transaction<unknown>, records: readonly ProviderRecord[]): Promise<Map<string, string>> {
  if (records.length > 0) await sql`select pg_advisory_xact_lock(${AdvisoryLock.PROVIDER_RECORDS})`.execute(tx);
  return messagesOf(tx, records);
}

/** What providers have of these messages by calls that the rows do not name: what receipts told of, and what events remember. */
export async function otherRecords(tx: Transaction<unknown>, tenantId: string, messageIds: readonly string[]): Promise<ProviderRecord[]> {
  if (messageIds.length === 0) return [];
  const { rows } = await sql<ProviderRecord>`
    select provider, provider_message_id as "providerMessageId" from webhook_journal
    where message_id = any(${messageIds}::uuid[]) and kind = 'RECEIPT' and provider_message_id is not null
    union
    select detail -> 'otherRecord' ->> 'provider', detail -> 'otherRecord' ->> 'providerMessageId' from message_events
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[]) and detail ? 'otherRecord'`.execute(tx);
  return rows;
}

const ASKED = { id: 'uuid', tenantId: 'uuid', toHash: 'bytea', provider: 'text' } as const;

/**
 * Ids of those beside which another one went to the same number, whose answer may still come: a provider's record found by
 * content may be that one's. `since`: who was asked before, and is not being sent any more, gets none.
 */
export async function besideUnanswered(tx: Transaction<unknown>, rows: readonly MessageRow[], since: Date): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { rows: found } = await sql<{ id: string }>`
    select a.id from ${rowsOf(ASKED, rows, 'a')} where exists (
      select from messages m
      where m.tenant_id = a.tenant_id and m.to_hash = a.to_hash and m.provider = a.provider and m.id <> a.id
        and m.provider_message_id is null and (m.status = 'SENDING' or (m.status = 'UNCONFIRMED' and m.asked_at > ${since})))`.execute(tx);
  return new Set(found.map(({ id }) => id));
}
