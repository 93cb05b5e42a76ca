import { sql } from 'kysely';
import { newId } from '../../src/platform/ids.js';
import type { TestStore } from './test-store.js';

/** What is known of a person, written as the program writes it. */
export interface KnownPerson {
  timeZone?: string;
  /** By channel and category: `SMS MARKETING`. */
  consents?: Record<string, 'GRANTED' | 'WITHDRAWN' | 'PENDING'>;
  /** By topic, for SMS. */
  preferences?: Record<string, boolean>;
  /** Until when WhatsApp is open. */
  sessionUntil?: Date;
}

/** Makes somebody who is known by the number, in a store without the rest of the program. */
export async function storePerson({ db, index, tenantId }: TestStore, number: string, person: KnownPerson = {}): Promise<string> {
  const id = newId();
  await db.transaction(async (tx) => {
    await sql`insert into contacts (id, tenant_id, time_zone) values (${id}, ${tenantId}, ${person.timeZone ?? null})`.execute(tx);
    await sql`insert into contact_identities (id, tenant_id, contact_id, channel, address_hash, sealed)
      values (${newId()}, ${tenantId}, ${id}, 'SMS', ${index.hash(tenantId, number)}, '')`.execute(tx);
    for (const [scope, state] of Object.entries(person.consents ?? {})) {
      const [channel, category] = scope.split(' ');
      await sql`insert into consents (contact_id, tenant_id, channel, category, state, updated_at)
        values (${id}, ${tenantId}, ${channel}, ${category}, ${state}, now())`.execute(tx);
    }
    for (const [topic, enabled] of Object.entries(person.preferences ?? {}))
      await sql`insert into preferences (contact_id, tenant_id, topic, channel, enabled, updated_at)
        values (${id}, ${tenantId}, ${topic}, 'SMS', ${enabled}, now())`.execute(tx);
    if (person.sessionUntil)
      await sql`insert into conversations (id, tenant_id, contact_id, channel, state, last_activity_at, session_expires_at, created_at, address_hash)
        values (${newId()}, ${tenantId}, ${id}, 'WHATSAPP', 'OPEN', now(), ${person.sessionUntil}, now(), ${index.hash(tenantId, number)})`.execute(
        tx,
      );
  });
  return id;
}

export async function storeOptOut({ db, index, tenantId }: TestStore, number: string, category = '*', source = 'KEYWORD'): Promise<void> {
  await sql`insert into suppressions (tenant_id, address_hash, channel, category, source, at)
    values (${tenantId}, ${index.hash(tenantId, number)}, 'SMS', ${category}, ${source}, now())`.execute(db.sql);
}
