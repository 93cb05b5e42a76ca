import { TENANT } from './generated-months.js';

/** Statements that make so many people, each known by a number; every third has opted out, every fifth has a preference. */
export const generatedPeople = (people: number): string[] => [
  `insert into contacts (id, tenant_id, time_zone) select md5('contact' || n)::uuid, '${TENANT}', 'Asia/Riyadh' from generate_series(1, ${people}) n`,
  `insert into contact_identities (id, tenant_id, contact_id, channel, address_hash, sealed)
   select md5('identity' || n)::uuid, '${TENANT}', md5('contact' || n)::uuid, 'SMS', decode(md5('to' || n), 'hex'), '' from generate_series(1, ${people}) n`,
  `insert into consents (contact_id, tenant_id, channel, category, state, updated_at)
   select md5('contact' || n)::uuid, '${TENANT}', 'SMS', category, 'GRANTED', now()
   from generate_series(1, ${people}) n cross join unnest('{UTILITY,MARKETING}'::text[]) category`,
  `insert into suppressions (tenant_id, address_hash, channel, category, source, at)
   select '${TENANT}', decode(md5('to' || n), 'hex'), 'SMS', '*', 'KEYWORD', now() from generate_series(1, ${people}, 3) n`,
  `insert into preferences (contact_id, tenant_id, topic, channel, enabled, updated_at)
   select md5('contact' || n)::uuid, '${TENANT}', 'news', 'SMS', false, now() from generate_series(1, ${people}, 5) n`,
  `insert into conversations (id, tenant_id, contact_id, channel, state, last_activity_at, created_at)
   select md5('conversation' || n)::uuid, '${TENANT}', md5('contact' || n)::uuid, 'WHATSAPP', 'OPEN', now(), now() from generate_series(1, ${people}, 7) n`,
  ...['contacts', 'contact_identities', 'consents', 'suppressions', 'preferences', 'conversations'].map((table) => `analyze ${table}`),
];
