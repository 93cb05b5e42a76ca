-- What the program sends to a schema of level 0003: see previous-schema.test.ts. Recorded; not to be kept up to date.

-- create a tenant
insert into tenants (id, slug, name, time_zone, currency, messaging_enabled, retention_days, implied_consent, frequency_caps, created_at)
values ('01990000-0000-7000-8000-000000000001', 'clinic', 'Clinic', 'UTC', 'USD', true, 90, '{}', '[]', now());

-- find a tenant
select t0.* from tenants as t0 where t0.id = '01990000-0000-7000-8000-000000000001' limit 1;

-- change a tenant
update tenants set name = 'North Clinic', allowed_countries = '{US}', quiet_hours = null where id = '01990000-0000-7000-8000-000000000001';

-- create a key
insert into api_keys (id, tenant_id, name, role, prefix, secret_hash, created_at, expires_at)
values ('01990000-0000-7000-8000-000000000002', '01990000-0000-7000-8000-000000000001', 'Booking', 'SENDER', 'hg_x', '\x03', now(), null);

-- find a key by its secret
select a0.* from api_keys as a0 where a0.secret_hash = '\x03' limit 1;

-- note a key's use
update api_keys set last_used_at = now() where id = '01990000-0000-7000-8000-000000000002';

-- list keys
select a0.* from api_keys as a0 where a0.tenant_id = '01990000-0000-7000-8000-000000000001' order by a0.id asc;

-- write the audit log
insert into audit_entries (id, tenant_id, at, actor, action, subject, detail, ip, user_agent)
values ('01990000-0000-7000-8000-000000000003', '01990000-0000-7000-8000-000000000001', now(), 'Booking', 'apiKey.created', 'apiKey:x', '{}', null, null);

-- read the audit log
select a0.* from audit_entries as a0 where a0.tenant_id = '01990000-0000-7000-8000-000000000001' order by a0.id desc limit 51;

-- create a batch
insert into batches (id, tenant_id, name, status, channels, category, topic, total, rejected, created_at)
values ('01990000-0000-7000-8000-000000000004', '01990000-0000-7000-8000-000000000001', 'May', 'RUNNING', '{SMS}', 'TRANSACTIONAL', null, 1, 0, now());

-- accept a message
insert into messages (
  id, tenant_id, channel, category, topic, lane, status, sealed, to_hash, country, contact_id, template_code, template_version,
  language, encoding, segments, requested_provider, provider, provider_message_id, attempts, max_attempts, claims, due_at,
  hint_at, lease_until, asked_at, error_kind, error_code, error_message, error_retryable, cost_amount, cost_currency, reference,
  batch_id, fallback_channels, fallback_after_seconds, fallback_at, fallback_of, fallback_id, created_at, scheduled_for,
  expires_at, queued_at, sent_at, delivered_at, read_at, failed_at)
values (
  '01990000-0000-7000-8000-000000000005', '01990000-0000-7000-8000-000000000001', 'SMS', 'TRANSACTIONAL', null, 'bulk', 'QUEUED',
  '\x01', '\x02', 'US', null, null, null, null, 'GSM7', 1, null, null, null, 0, 3, 0, now(), now(), null, null, null, null, null,
  null, null, null, 'order-1', '01990000-0000-7000-8000-000000000004', null, null, null, null, null, now(), null, null, now(),
  null, null, null, null);

-- write its event
with e as (
  insert into message_events (
    id, message_id, tenant_id, status, previous_status, applied, source, at, attempt, provider, error_kind, error_code,
    error_message, error_retryable, actor, detail)
  values ('01990000-0000-7000-8000-000000000006', '01990000-0000-7000-8000-000000000005', '01990000-0000-7000-8000-000000000001', 'QUEUED', null, true, 'API', now(), null, null, null, null, null, null, null, null)
  returning horizon)
select horizon::text as horizon from e limit 1;

-- keep its idempotency key
insert into idempotency_keys (tenant_id, operation, key, request_hash, result_id, detail)
values ('01990000-0000-7000-8000-000000000001', 'sendMessage', 'k', '\x04', '01990000-0000-7000-8000-000000000005', '{}'::jsonb)
on conflict do nothing;

-- find an idempotency key
select request_hash as "requestHash", result_id as "resultId", detail from idempotency_keys
where tenant_id = '01990000-0000-7000-8000-000000000001' and operation = 'sendMessage' and key = 'k';

-- count for the batch
insert into batch_deltas (batch_id, status, count) values ('01990000-0000-7000-8000-000000000004', 'QUEUED', 1);

-- lock what is due
select
  m.id as "id", m.tenant_id as "tenantId", m.channel as "channel", m.category as "category", m.topic as "topic",
  m.lane as "lane", m.status as "status", m.sealed as "sealed", m.to_hash as "toHash", m.country as "country",
  m.contact_id as "contactId", m.template_code as "templateCode", m.template_version as "templateVersion",
  m.language as "language", m.encoding as "encoding", m.segments as "segments", m.requested_provider as "requestedProvider",
  m.provider as "provider", m.provider_message_id as "providerMessageId", m.attempts as "attempts",
  m.max_attempts as "maxAttempts", m.claims as "claims", m.due_at as "dueAt", m.hint_at as "hintAt",
  m.lease_until as "leaseUntil", m.asked_at as "askedAt", m.error_kind as "errorKind", m.error_code as "errorCode",
  m.error_message as "errorMessage", m.error_retryable as "errorRetryable", m.cost_amount as "costAmount",
  m.cost_currency as "costCurrency", m.reference as "reference", m.batch_id as "batchId",
  m.fallback_channels as "fallbackChannels", m.fallback_after_seconds as "fallbackAfterSeconds", m.fallback_at as "fallbackAt",
  m.fallback_of as "fallbackOf", m.fallback_id as "fallbackId", m.created_at as "createdAt", m.scheduled_for as "scheduledFor",
  m.expires_at as "expiresAt", m.queued_at as "queuedAt", m.sent_at as "sentAt", m.delivered_at as "deliveredAt",
  m.read_at as "readAt", m.failed_at as "failedAt",
  t.messaging_enabled as "tenantEnabled", t.allowed_countries as "tenantCountries", b.status as "batchStatus"
from messages m
join tenants t on t.id = m.tenant_id
left join batches b on b.id = m.batch_id
where m.id = any(array['01990000-0000-7000-8000-000000000005']::uuid[]) and m.status = 'QUEUED' and m.due_at <= now()
order by m.id
for update of m skip locked;

-- claim
update messages m set status = c.status, provider = c.provider, claims = c.claims, attempts = c.attempts, asked_at = c.asked_at, lease_until = c.lease_until
from (values ('01990000-0000-7000-8000-000000000005'::uuid, 'SENDING', 'twilio', 1, 1, now(), now() + interval '30 seconds')) as c (id, status, provider, claims, attempts, asked_at, lease_until)
where m.id = c.id;

-- write the event of the claim
with e as (
  insert into message_events (
    id, message_id, tenant_id, status, previous_status, applied, source, at, attempt, provider, error_kind, error_code,
    error_message, error_retryable, actor, detail)
  values ('01990000-0000-7000-8000-000000000007', '01990000-0000-7000-8000-000000000005', '01990000-0000-7000-8000-000000000001', 'SENDING', 'QUEUED', true, 'WORKER', now(), null, null, null, null, null, null, null, null)
  returning horizon)
select horizon::text as horizon from e limit 1;

-- record the outcome
update messages m set status = 'SENT', provider_message_id = 'SM1', sent_at = now(), cost_amount = 0.0079, cost_currency = 'USD', lease_until = now()
where m.id = '01990000-0000-7000-8000-000000000005';

-- find by what the provider calls it
select
  m.id as "id", m.tenant_id as "tenantId", m.channel as "channel", m.category as "category", m.topic as "topic",
  m.lane as "lane", m.status as "status", m.sealed as "sealed", m.to_hash as "toHash", m.country as "country",
  m.contact_id as "contactId", m.template_code as "templateCode", m.template_version as "templateVersion",
  m.language as "language", m.encoding as "encoding", m.segments as "segments", m.requested_provider as "requestedProvider",
  m.provider as "provider", m.provider_message_id as "providerMessageId", m.attempts as "attempts",
  m.max_attempts as "maxAttempts", m.claims as "claims", m.due_at as "dueAt", m.hint_at as "hintAt",
  m.lease_until as "leaseUntil", m.asked_at as "askedAt", m.error_kind as "errorKind", m.error_code as "errorCode",
  m.error_message as "errorMessage", m.error_retryable as "errorRetryable", m.cost_amount as "costAmount",
  m.cost_currency as "costCurrency", m.reference as "reference", m.batch_id as "batchId",
  m.fallback_channels as "fallbackChannels", m.fallback_after_seconds as "fallbackAfterSeconds", m.fallback_at as "fallbackAt",
  m.fallback_of as "fallbackOf", m.fallback_id as "fallbackId", m.created_at as "createdAt", m.scheduled_for as "scheduledFor",
  m.expires_at as "expiresAt", m.queued_at as "queuedAt", m.sent_at as "sentAt", m.delivered_at as "deliveredAt",
  m.read_at as "readAt", m.failed_at as "failedAt"
from messages m where m.provider_message_id = any(array['SM1']) order by m.id for update;

-- journal a receipt
insert into webhook_journal (id, provider, kind, state, message_id, provider_message_id, dedupe_key, sealed, received_at, next_attempt_at)
values ('01990000-0000-7000-8000-000000000008', 'twilio', 'RECEIPT', 'PARKED', null, 'SM1', 'd', '\x05', now(), now() - interval '1 second');

-- take parked receipts
with due as (
  select id from webhook_journal where state = 'PARKED' and next_attempt_at <= now()
  order by next_attempt_at limit 500 for update skip locked)
update webhook_journal j set next_attempt_at = now() + interval '1 minute'
from due where j.id = due.id
returning j.id, j.provider, j.kind, j.state, j.message_id as "messageId", j.sealed, j.received_at as "receivedAt";

-- settle them
update webhook_journal set state = 'APPLIED', message_id = '01990000-0000-7000-8000-000000000005' where id = '01990000-0000-7000-8000-000000000008';

-- take what is to be looked up
with due as (
  select id from messages where status in ('UNCONFIRMED', 'SENT') and lease_until <= now()
  order by lease_until limit 2000 for update skip locked)
update messages m set lease_until = now() + interval '1 minute' from due where m.id = due.id returning m.id;

-- list messages
select
  m.id as "id", m.tenant_id as "tenantId", m.channel as "channel", m.category as "category", m.topic as "topic",
  m.lane as "lane", m.status as "status", m.sealed as "sealed", m.to_hash as "toHash", m.country as "country",
  m.contact_id as "contactId", m.template_code as "templateCode", m.template_version as "templateVersion",
  m.language as "language", m.encoding as "encoding", m.segments as "segments", m.requested_provider as "requestedProvider",
  m.provider as "provider", m.provider_message_id as "providerMessageId", m.attempts as "attempts",
  m.max_attempts as "maxAttempts", m.claims as "claims", m.due_at as "dueAt", m.hint_at as "hintAt",
  m.lease_until as "leaseUntil", m.asked_at as "askedAt", m.error_kind as "errorKind", m.error_code as "errorCode",
  m.error_message as "errorMessage", m.error_retryable as "errorRetryable", m.cost_amount as "costAmount",
  m.cost_currency as "costCurrency", m.reference as "reference", m.batch_id as "batchId",
  m.fallback_channels as "fallbackChannels", m.fallback_after_seconds as "fallbackAfterSeconds", m.fallback_at as "fallbackAt",
  m.fallback_of as "fallbackOf", m.fallback_id as "fallbackId", m.created_at as "createdAt", m.scheduled_for as "scheduledFor",
  m.expires_at as "expiresAt", m.queued_at as "queuedAt", m.sent_at as "sentAt", m.delivered_at as "deliveredAt",
  m.read_at as "readAt", m.failed_at as "failedAt"
from messages m where m.tenant_id = '01990000-0000-7000-8000-000000000001' and m.status = any('{SENT}'::text[]) order by m.id desc limit 51;

-- count messages
select count(*) as count from messages m where m.tenant_id = '01990000-0000-7000-8000-000000000001' and m.reference = 'order-1';

-- read the events of messages
select
  e.id as "id", e.message_id as "messageId", e.tenant_id as "tenantId", e.status as "status",
  e.previous_status as "previousStatus", e.applied as "applied", e.source as "source", e.at as "at", e.attempt as "attempt",
  e.provider as "provider", e.error_kind as "errorKind", e.error_code as "errorCode", e.error_message as "errorMessage",
  e.error_retryable as "errorRetryable", e.actor as "actor", e.detail as "detail", e.horizon::text as horizon
from message_events e
where e.message_id = any(array['01990000-0000-7000-8000-000000000005']::uuid[]) and e.tenant_id = '01990000-0000-7000-8000-000000000001'
order by e.id;

-- follow the log
select e.id, e.tenant_id as "tenantId", e.xid::text as xid from message_events e
where e.xid >= '0'::xid8 and e.xid < pg_snapshot_xmax(pg_current_snapshot()) and e.applied and e.tenant_id = any(array['01990000-0000-7000-8000-000000000001']::uuid[])
order by e.xid limit 100;

-- fold the counts of batches
with taken as (
  delete from batch_deltas where ctid = any(array(select ctid from batch_deltas limit 50000 for update skip locked)) returning batch_id, status, count),
sums as (select batch_id, status, sum(count) as count from taken group by batch_id, status)
insert into batch_counts as c (batch_id, status, count) select batch_id, status, count from sums order by batch_id, status
on conflict (batch_id, status) do update set count = c.count + excluded.count;

-- read the counts of a batch
select batch_id as "batchId", status, sum(count)::bigint as count from (
  select batch_id, status, count from batch_counts where batch_id = any(array['01990000-0000-7000-8000-000000000004']::uuid[])
  union all
  select batch_id, status, count from batch_deltas where batch_id = any(array['01990000-0000-7000-8000-000000000004']::uuid[])) both_kinds
group by batch_id, status having sum(count) <> 0;

-- pause a batch
update batches b set status = 'PAUSED' where b.id = '01990000-0000-7000-8000-000000000004' and b.tenant_id = '01990000-0000-7000-8000-000000000001' and b.status = any('{RUNNING}'::text[])
returning b.id, b.tenant_id as "tenantId", b.name, b.status, b.channels, b.category, b.topic, b.total, b.rejected,
  b.created_at as "createdAt", b.completed_at as "completedAt";

-- make the months to come
select ensure_partitions(now()::date, (now() + interval '2 months')::date) as made;

-- forget old idempotency keys
delete from idempotency_keys where created_at < now() - interval '30 days';
