import { sql, type Kysely, type Transaction } from 'kysely';
import { columnList, rowsOf } from '../platform/database/rows.js';
import type { Channel } from '../vocabulary.js';

/** A row of `preferences`: whether the person wants to hear of a topic on a channel. */
export interface PreferenceRow {
  contactId: string;
  tenantId: string;
  topic: string;
  channel: Channel;
  enabled: boolean;
  updatedAt: Date;
}

const COLUMNS: Readonly<Record<keyof PreferenceRow, string>> = {
  contactId: 'uuid',
  tenantId: 'uuid',
  topic: 'text',
  channel: 'text',
  enabled: 'bool',
  updatedAt: 'timestamptz',
};

export async function preferencesOf(db: Kysely<unknown>, tenantId: string, contactIds: readonly string[]): Promise<PreferenceRow[]> {
  const { rows } = await sql<PreferenceRow>`
    select p.contact_id as "contactId", p.tenant_id as "tenantId", p.topic, p.channel, p.enabled, p.updated_at as "updatedAt"
    from preferences p where p.contact_id = any(${contactIds}::uuid[]) and p.tenant_id = ${tenantId}
    order by p.contact_id, p.topic, p.channel`.execute(db);
  return rows;
}

/** One for each contact, topic and channel at most. */
export async function writePreferences(tx: Transaction<unknown>, rows: readonly PreferenceRow[]): Promise<void> {
  const names = Object.keys(COLUMNS);
  await sql`insert into preferences (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<PreferenceRow>(COLUMNS, rows, 'n')}
    on conflict (contact_id, topic, channel) do update set enabled = excluded.enabled, updated_at = excluded.updated_at
    where preferences.enabled <> excluded.enabled`.execute(tx);
}

export async function countPreferences(tx: Transaction<unknown>, tenantId: string, contactId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from preferences where tenant_id = ${tenantId} and contact_id = ${contactId}`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** What one of the two had switched off is off. */
export async function mergePreferences(
  tx: Transaction<unknown>,
  { tenantId, from, into, at }: { tenantId: string; from: string; into: string; at: Date },
): Promise<void> {
  await sql`
    with theirs as (delete from preferences where tenant_id = ${tenantId} and contact_id = ${from} returning topic, channel, enabled)
    insert into preferences (contact_id, tenant_id, topic, channel, enabled, updated_at)
    select ${into}::uuid, ${tenantId}::uuid, topic, channel, enabled, ${at}::timestamptz from theirs
    on conflict (contact_id, topic, channel) do update set enabled = false, updated_at = excluded.updated_at
    where preferences.enabled and not excluded.enabled`.execute(tx);
}
