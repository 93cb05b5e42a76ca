/** Statements that fill the tables of people: most are one tenant's, most have agreed, some have withdrawn. Each was asked to opt in. */

export const TENANT = '01900000-0000-7000-8000-00000000000a';
export const OTHER = '01900000-0000-7000-8000-00000000000b';

export const idOf = (n: number): string => `01900000-0000-7000-9000-${n.toString(16).padStart(12, '0')}`;
export const hashOf = (n: number): Buffer => Buffer.from(n.toString(16).padStart(32, '0'), 'hex');

const ID = `('01900000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid`;
const HASH = `decode(lpad(to_hex(n), 32, '0'), 'hex')`;
const OWNER = `case when n % 10 = 0 then '${OTHER}' else '${TENANT}' end::uuid`;

export const generatedPeople = (people: number): string[] => [
  `insert into tenants (id, slug, name) values ('${TENANT}', 'large', 'Large'), ('${OTHER}', 'small', 'Small')`,
  `insert into contacts (id, tenant_id, external_id, sealed) select ${ID}, ${OWNER}, case when n % 2 = 1 then 'E' || n end, '\\x00'
   from generate_series(1, ${people}) n`,
  `update contacts set merged_into = '${idOf(1)}', external_id = null where id in (select id from contacts where tenant_id = '${TENANT}' order by id offset 100 limit 20)`,
  `insert into contact_identities (id, tenant_id, contact_id, channel, address_hash, sealed)
   select ${ID}, ${OWNER}, ${ID}, case when n % 50 = 1 then 'EMAIL' else 'SMS' end, ${HASH}, '\\x00' from generate_series(1, ${people}) n`,
  `insert into former_addresses (tenant_id, address_hash, contact_id, removed_at) select ${OWNER}, ${HASH}, ${ID}, now()
   from generate_series(1, ${people}) n`,
  `insert into consent_events (id, tenant_id, contact_id, sequence, channel, category, from_state, to_state, source, at, sealed, sealed_digest, hash)
   select gen_random_uuid(), ${OWNER}, ${ID}, s, 'SMS', 'UTILITY', 'NONE', 'GRANTED', 'API', now(), '\\x00', '\\x00', '\\x00'
   from generate_series(1, ${people}) n cross join generate_series(1, 2) s`,
  `insert into consents (contact_id, tenant_id, channel, category, state, source, updated_at, event_id)
   select e.contact_id, e.tenant_id, 'SMS', 'UTILITY', case when random() < 0.02 then 'WITHDRAWN' else 'GRANTED' end, 'API', now(), e.id
   from consent_events e where e.sequence = 2 and e.id::text < 'a'`,
  `insert into preferences (contact_id, tenant_id, topic, channel, enabled, updated_at)
   select ${ID}, ${OWNER}, 'news', 'SMS', n % 3 > 0, now() from generate_series(1, ${people}) n`,
  `insert into suppressions (tenant_id, address_hash, channel, category, source, at)
   select ${OWNER}, ${HASH}, 'SMS', '*', 'KEYWORD', now() from generate_series(1, ${people}) n`,
  `insert into opt_in_requests (id, tenant_id, contact_id, channel, categories, sealed, address_hash, token_hash, created_at, expires_at)
   select ${ID}, ${OWNER}, ${ID}, 'SMS', '{MARKETING}', '\\x00', ${HASH}, ${HASH}, now(), now() from generate_series(1, ${people}) n`,
  `insert into messages (id, tenant_id, channel, category, lane, status, to_hash, max_attempts, due_at, asked_at, reference, created_at)
   select encode(substring(uuid_send(uuid_floor(now())) for 6) || '\\x7000'::bytea || '\\x80'::bytea || substring(${HASH} from 10 for 7), 'hex')::uuid,
     ${OWNER}, 'SMS', 'SERVICE', 'transactional', 'SENT', ${HASH}, 3, now(), now(), 'opt-in:' || ${ID}, now() from generate_series(1, ${people}) n`,
  'analyze',
];
