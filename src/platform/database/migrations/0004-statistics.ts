import { Migration } from '@mikro-orm/migrations';

/** What a message adds to the statistics; all of one row of figures describes messages of the same kind and time. */
const KIND = `
  channel text not null,
  category text not null,
  provider text,
  currency text,
  template_code text,
  batch_id uuid`;

const STATUSES = [
  'scheduled',
  'queued',
  'sending',
  'unconfirmed',
  'sent',
  'delivered',
  'read',
  'failed',
  'cancelled',
  'suppressed',
  'expired',
];
const NUMBERS = [...STATUSES, 'segments', 'on_time', 'retried_delivered', 'retried_failed'];

const FIGURES = `
  ${NUMBERS.map((name) => `${name} bigint not null default 0`).join(',\n  ')},
  cost numeric(24, 6) not null default 0,
  details jsonb not null default '{}'`;

/** Figures per minute, quarter of an hour, hour and day, so that a month is read from some dozens of rows, whatever was sent. */
export class Statistics extends Migration {
  override up(): void {
    this.addSql(`
      alter table messages
        add column first_asked_at timestamptz(3),
        add column provider_ms integer,
        add column retried_at timestamptz(3)`);

    this.addSql(`create table statistic_deltas (tenant_id uuid not null, at timestamptz(0) not null, ${KIND}, ${FIGURES})`);
    this.addSql('create index statistic_deltas_tenant on statistic_deltas (tenant_id, at)');
    // Its rows live for seconds: without frequent vacuuming a reader would step over the dead ones of a whole day.
    this.addSql(`
      alter table statistic_deltas set (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000)`);

    this.addSql(`
      create table statistic_rollups (
        tenant_id uuid not null,
        scope text not null check (scope in ('ALL', 'TEMPLATE', 'BATCH')),
        seconds integer not null check (seconds in (60, 900, 3600, 86400)),
        at timestamptz(0) not null,
        ${KIND},
        ${FIGURES},
        constraint statistic_rollups_key unique nulls not distinct
          (tenant_id, scope, seconds, at, channel, category, provider, currency, template_code, batch_id)
      ) with (fillfactor = 70)`);
    this.addSql(`create index statistic_rollups_batch on statistic_rollups (batch_id, seconds, at) where scope = 'BATCH'`);

    this.addSql(`
      create function merge_details(parts jsonb[]) returns jsonb language sql immutable parallel safe as $$
        select case
          when parts is null then '{}'
          when cardinality(parts) = 1 then parts[1]
          else (
            select coalesce(jsonb_object_agg(key, total), '{}') from (
              select key, sum(value::bigint)::bigint as total
              from unnest(parts) as part cross join lateral jsonb_each_text(part)
              group by key having sum(value::bigint) <> 0) summed)
          end
      $$`);
  }
}
