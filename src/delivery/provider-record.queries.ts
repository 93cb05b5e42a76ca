import { sql, type Transaction } from 'kysely';
import { AdvisoryLock } from '../platform/database/advisory-locks.js';

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
