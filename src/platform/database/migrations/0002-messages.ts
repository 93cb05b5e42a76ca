import { Migration } from '@mikro-orm/migrations';

/**
 * Tables that grow for ever are cut by month. Their UUIDv7 ids carry the time, so the id alone names the partition: no
 * composite keys, and a look-up by id touches one month. Retention drops whole months.
 */
export class Messages extends Migration {
  override up(): void {
    this.addSql(`
      create table batches (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        name text not null,
        status text not null check (status in ('ACCEPTING', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED')),
        channels text[] not null,
        category text not null,
        topic text,
        total integer not null default 0,
        rejected integer not null default 0,
        max_cost numeric(18, 6),
        created_at timestamptz(3) not null default now(),
        completed_at timestamptz(3)
      )`);
    this.addSql('create index batches_tenant on batches (tenant_id, id desc)');
    this.addSql(`create index batches_running on batches (id) where status in ('ACCEPTING', 'RUNNING', 'PAUSED')`);

    // Counters move as appended rows, in the transaction that moves the messages: one counter row would be a lock that
    // every worker waits for. A job folds the deltas into the counts; a reader adds both.
    this.addSql(`
      create table batch_counts (
        batch_id uuid not null references batches (id),
        status text not null,
        count bigint not null,
        primary key (batch_id, status)
      )`);
    this.addSql('create table batch_deltas (batch_id uuid not null, status text not null, count integer not null)');
    this.addSql('create index batch_deltas_batch on batch_deltas (batch_id)');

    this.addSql(`
      create table messages (
        id uuid not null primary key,
        tenant_id uuid not null,
        channel text not null,
        category text not null,
        topic text,
        lane text not null,
        status text not null,
        sealed bytea,
        to_hash bytea not null,
        country text,
        contact_id uuid,
        template_code text,
        template_version integer,
        language text,
        encoding text,
        segments integer,
        requested_provider text,
        provider text,
        provider_message_id text,
        attempts integer not null default 0,
        max_attempts integer not null,
        claims integer not null default 0,
        due_at timestamptz(3) not null,
        hint_at timestamptz(3),
        lease_until timestamptz(3),
        asked_at timestamptz(3),
        error_kind text,
        error_code text,
        error_message text,
        error_retryable boolean,
        cost_amount numeric(18, 6),
        cost_currency text,
        reference text,
        batch_id uuid,
        fallback_channels text[],
        fallback_after_seconds integer,
        fallback_at timestamptz(3),
        fallback_of uuid,
        fallback_id uuid,
        created_at timestamptz(3) not null,
        scheduled_for timestamptz(3),
        expires_at timestamptz(3),
        queued_at timestamptz(3),
        sent_at timestamptz(3),
        delivered_at timestamptz(3),
        read_at timestamptz(3),
        failed_at timestamptz(3)
      ) partition by range (id)`);
    this.addSql('create index messages_tenant on messages (tenant_id, id)');
    this.addSql('create index messages_status on messages (tenant_id, status, id)');
    this.addSql('create index messages_to on messages (tenant_id, to_hash, id)');
    this.addSql('create index messages_batch on messages (batch_id, id) where batch_id is not null');
    this.addSql('create index messages_reference on messages (tenant_id, reference, id) where reference is not null');
    this.addSql('create index messages_provider_id on messages (provider_message_id) where provider_message_id is not null');
    this.addSql('create index messages_contact on messages (tenant_id, contact_id, id) where contact_id is not null');
    this.addSql(`create index messages_hint on messages (hint_at) where status in ('SCHEDULED', 'QUEUED') and hint_at is not null`);
    this.addSql(`create index messages_expiry on messages (expires_at) where status in ('SCHEDULED', 'QUEUED') and expires_at is not null`);
    this.addSql(`create index messages_held on messages (batch_id, id) where status = 'QUEUED' and hint_at is null`);
    this.addSql(`create index messages_lease on messages (lease_until)
      where status in ('SENDING', 'UNCONFIRMED', 'SENT') and lease_until is not null`);
    this.addSql('create index messages_fallback on messages (fallback_at) where fallback_at is not null');

    // xid and horizon let a subscriber resume without a gap: every transaction below the horizon had ended when the
    // event was written, so "xid >= horizon" misses nothing that committed late.
    this.addSql(`
      create table message_events (
        id uuid not null primary key,
        message_id uuid not null,
        tenant_id uuid not null,
        status text not null,
        previous_status text,
        applied boolean not null default true,
        source text not null,
        at timestamptz(3) not null,
        attempt integer,
        provider text,
        error_kind text,
        error_code text,
        error_message text,
        error_retryable boolean,
        actor jsonb,
        detail jsonb,
        xid xid8 not null default pg_current_xact_id(),
        horizon xid8 not null default pg_snapshot_xmin(pg_current_snapshot())
      ) partition by range (id)`);
    this.addSql('create index message_events_message on message_events (message_id, id)');
    this.addSql('create index message_events_tenant on message_events (tenant_id, id)');
    this.addSql('create index message_events_xid on message_events (xid)');

    this.addSql(`
      create table webhook_journal (
        id uuid not null primary key,
        provider text not null,
        kind text not null,
        state text not null,
        message_id uuid,
        provider_message_id text,
        dedupe_key text not null,
        sealed bytea not null,
        received_at timestamptz(3) not null,
        next_attempt_at timestamptz(3)
      ) partition by range (id)`);
    this.addSql('create index webhook_journal_message on webhook_journal (message_id) where message_id is not null');
    this.addSql(`create index webhook_journal_parked on webhook_journal (next_attempt_at) where state = 'PARKED'`);

    this.addSql(`
      create table idempotency_keys (
        tenant_id uuid not null,
        operation text not null,
        key text not null,
        request_hash bytea not null,
        result_id uuid not null,
        detail jsonb,
        created_at timestamptz(3) not null default now(),
        primary key (tenant_id, operation, key)
      )`);
    this.addSql('create index idempotency_keys_age on idempotency_keys (created_at)');

    this.addSql(`
      create function uuid_floor(at timestamptz) returns uuid language sql immutable as $$
        select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
      $$`);
    this.addSql(`
      create function ensure_partitions(first_month date, last_month date) returns integer language plpgsql as $$
      declare
        parent text;
        month date;
        made integer := 0;
        child text;
      begin
        foreach parent in array array['messages', 'message_events', 'webhook_journal'] loop
          month := date_trunc('month', first_month)::date;
          while month <= last_month loop
            child := parent || '_' || to_char(month, 'YYYY_MM');
            if to_regclass(child) is null then
              execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent,
                uuid_floor(month::timestamp at time zone 'UTC'), uuid_floor((month + interval '1 month') at time zone 'UTC'));
              made := made + 1;
            end if;
            month := (month + interval '1 month')::date;
          end loop;
        end loop;
        return made;
      end $$`);
    // Catches what no month covers (a clock gone wrong): an insert must never fail for want of a partition.
    for (const parent of ['messages', 'message_events', 'webhook_journal'])
      this.addSql(`create table ${parent}_default partition of ${parent} default`);
    this.addSql(`select ensure_partitions((now() - interval '1 month')::date, (now() + interval '2 months')::date)`);
  }
}
