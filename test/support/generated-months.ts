/** Statements that fill three months: most messages are one tenant's, and long delivered. Some of every other kind. */

export const TENANT = '01900000-0000-7000-8000-00000000000a';
export const OTHER = '01900000-0000-7000-8000-00000000000b';

/** The id of the n-th of `count` rows, evenly over the last 75 days. */
const idOf = (count: number, salt: string): string => `
  encode(substring(uuid_send(uuid_floor(now() - (${count} - n) * interval '75 days' / ${count})) for 6)
    || '\\x7000'::bytea || '\\x80'::bytea || substring(decode(md5('${salt}' || n), 'hex') for 7), 'hex')::uuid`;

const STATUS = `case when n % 20 = 0 then 'FAILED' when n % 50 = 1 then 'SENT' when n % 500 = 2 then 'QUEUED'
  when n % 500 = 3 then 'SCHEDULED' when n % 1000 = 4 then 'SENDING' when n % 1000 = 5 then 'UNCONFIRMED' else 'DELIVERED' end`;

export const generatedMonths = (messages: number): string[] => [
  `insert into tenants (id, slug, name) values ('${TENANT}', 'large', 'Large'), ('${OTHER}', 'small', 'Small')`,
  `insert into batches (id, tenant_id, name, status, channels, category)
   select ${idOf(60, 'b')}, '${TENANT}', 'batch', case when n = 60 then 'RUNNING' else 'COMPLETED' end, '{SMS}', 'UTILITY' from generate_series(1, 60) n`,
  `select ensure_partitions((now() - interval '3 months')::date, now()::date)`,
  `create temporary table made as
   select n, ${idOf(messages, 'm')} as id, ${STATUS} as status, now() - (${messages} - n) * interval '75 days' / ${messages} as at from generate_series(1, ${messages}) n`,
  `insert into messages (id, tenant_id, channel, category, lane, status, to_hash, provider, provider_message_id, max_attempts, due_at, hint_at,
     lease_until, expires_at, fallback_at, reference, batch_id, topic, template_code, error_kind, created_at, sealed)
   select id, case when n % 10 = 0 then '${OTHER}' else '${TENANT}' end::uuid, case when n % 9 = 0 then 'WHATSAPP' else 'SMS' end, 'UTILITY', 'bulk', status,
     decode(md5('to' || n % 20000), 'hex'), 'simulator', 'S' || n, 3, at,
     case when status in ('QUEUED', 'SCHEDULED') and n % 3 > 0 then at end,
     case when status in ('SENDING', 'UNCONFIRMED', 'SENT') then at + interval '5 minutes' end,
     case when n % 5 = 0 then at + interval '1 day' end, case when status = 'SENT' and n % 4 = 1 then at + interval '1 hour' end,
     case when n % 2 = 0 then 'ref-' || n % 30000 end,
     case when n % 3 = 0 then (select id from batches order by id offset (n / 3) % 60 limit 1) end,
     case when n % 11 = 0 then 'news' end, case when n % 13 = 0 then 'welcome' end, case when status = 'FAILED' then 'TIMEOUT' end, at,
     decode(repeat('ab', 150), 'hex') from made`,
  `insert into message_events (id, message_id, tenant_id, status, previous_status, source, at)
   select encode(substring(uuid_send(made.id) for 6) || '\\x7000'::bytea || '\\x80'::bytea || substring(decode(md5('e' || step || n), 'hex') for 7), 'hex')::uuid,
     made.id, case when n % 10 = 0 then '${OTHER}' else '${TENANT}' end::uuid, case when step = 1 then 'QUEUED' else status end,
     case when step = 2 then 'QUEUED' end, 'WORKER', made.at
   from made cross join generate_series(1, 2) step`,
  `insert into webhook_journal (id, provider, kind, state, message_id, provider_message_id, dedupe_key, sealed, received_at, next_attempt_at)
   select ${idOf(Math.floor(messages / 2), 'j')}, 'simulator', 'RECEIPT', case when n % 500 = 0 then 'PARKED' else 'APPLIED' end, null, 'S' || n, 'k' || n,
     decode(repeat('ab', 100), 'hex'), now(), case when n % 500 = 0 then now() end
   from generate_series(1, ${Math.floor(messages / 2)}) n`,
  'analyze messages',
  'analyze message_events',
  'analyze webhook_journal',
  'analyze batches',
];

/** The same for a tenant that is there already, of erased messages that nothing more happens to, with their statistics as they would be appended. */
export const generatedPast = (messages: number, tenantId: string): string[] => [
  `insert into tenants (id, slug, name) values ('${OTHER}', 'small', 'Small')`,
  ...generatedMonths(messages)
    .slice(1)
    .map((statement) => statement.replaceAll(TENANT, tenantId).replace(`decode(repeat('ab', 150), 'hex') from made`, 'null from made')),
  `update messages set status = 'DELIVERED', hint_at = null, lease_until = null, expires_at = null, fallback_at = null where status <> 'FAILED'`,
  `update webhook_journal set state = 'APPLIED', next_attempt_at = null where state = 'PARKED'`,
  `update batches set status = 'COMPLETED'`,
  `insert into statistic_deltas (tenant_id, at, channel, category, provider, template_code, batch_id, delivered, failed)
   select tenant_id, date_bin('1 day', created_at, 'epoch'), channel, category, provider, template_code, batch_id,
     count(*) filter (where status = 'DELIVERED'), count(*) filter (where status = 'FAILED')
   from messages group by 1, 2, 3, 4, 5, 6, 7`,
];
