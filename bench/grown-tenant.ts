import type { Pool } from 'pg';
import type { Core } from '../src/app/build-core.js';
import { Detail } from '../src/messages/message-figures.js';
import { sealContent } from '../src/messages/message-content.js';
import { foldFigures, pruneRollups } from '../src/statistics/fold.queries.js';
import { numberOf } from './stage.js';

const DAYS = 60;
/** Of channel, category, provider and template, that occur in a quarter of an hour. */
const KINDS = 12;
/** Of each value that is rare there are so many, spread over all the time. */
const RARE = 60;
/** However many there are, each person gets so many, and each batch has so many: a page is full at every size. */
const PER_PERSON = 200;
const PER_BATCH = 5_000;

/** Messages of the last two months, evenly, most of them long delivered. */
export class GrownTenant {
  private made = 0;
  private generations = 0;

  constructor(
    private readonly pool: Pool,
    private readonly core: Core,
    private readonly tenantId: string,
  ) {}

  /** Adds messages until there are so many, with their statistics. */
  async growTo(total: number): Promise<void> {
    const count = total - this.made;
    const generation = ++this.generations;
    this.made = total;
    const { pool } = this;
    await pool.query(`select ensure_partitions((now() - interval '3 months')::date, now()::date)`);
    await pool.query(
      `insert into batches (id, tenant_id, name, status, channels, category)
       select md5('batch ${generation} ' || n)::uuid, $1, 'batch', 'COMPLETED', '{SMS}', 'UTILITY' from generate_series(0, $2) n`,
      [this.tenantId, Math.floor(count / PER_BATCH)],
    );
    await withoutIndexes(pool, 'messages', () => this.insert(count, generation));
    await this.count(generation);
    await pool.query('vacuum analyze messages');
    await pool.query('vacuum analyze statistic_rollups, statistic_deltas, batches');
    await pool.query('checkpoint');
  }

  /**
   * Figures as so many messages would have left them, without the messages: of twelve kinds and twenty templates, evenly over the days, a
   * batch every few hours.
   */
  async growFigures(total: number): Promise<void> {
    const rows = DAYS * 96 * KINDS;
    const each = Math.ceil(total / rows);
    await this.pool.query(
      `insert into statistic_deltas (tenant_id, at, channel, category, provider, currency, template_code, batch_id, delivered, failed, segments, on_time, cost, details)
       select $1, at, case when kind % 3 = 0 then 'WHATSAPP' else 'SMS' end, case when kind % 2 = 0 then 'MARKETING' else 'UTILITY' end,
         case when kind % 4 < 3 then 'twilio' else 'simulator' end, 'USD', 'template_' || (n + kind) % 20, md5('batch ' || n / 20)::uuid,
         $2 - $2 / 20, $2 / 20, $2, $2 - $2 / 20, $2 * 0.0079,
         jsonb_build_object('${Detail.queue}:' || 50 + kind % 10, $2, '${Detail.provider}:' || 40 + n % 10, $2, '${Detail.delivery}:' || 75 + n % 10, $2 - $2 / 20,
           '${Detail.error}:INVALID_RECIPIENT:' || 30000 + kind, $2 / 20)
       from generate_series(0, ${DAYS * 96 - 1}) n, generate_series(1, ${KINDS}) kind,
         lateral (select date_bin('15 minutes', now(), 'epoch') - n * interval '15 minutes' as at) t`,
      [this.tenantId, each],
    );
    await this.fold();
    await this.pool.query('vacuum analyze statistic_rollups, statistic_deltas');
  }

  /** What the first generation has already. */
  async samples(): Promise<{ to: string; batchId: string; templateCode: string; half: string }> {
    const { rows } = await this.pool.query<{ id: string; half: Date }>(
      `select md5('batch 1 0')::uuid as id, now() - interval '${DAYS / 2} days' as half`,
    );
    return { to: numberOf(0), batchId: rows[0]?.id ?? '', templateCode: 'template_1', half: rows[0]?.half.toISOString() ?? '' };
  }

  private async insert(count: number, generation: number): Promise<void> {
    const people = Math.max(1, Math.floor(count / PER_PERSON));
    const sealed = Array.from({ length: 64 }, (_, index) =>
      sealContent(this.core.sealer, this.tenantId, {
        to: numberOf(index),
        from: null,
        body: 'Your appointment is tomorrow at 09:30.',
        mediaUrls: [],
      }),
    );
    await this.pool.query(
      `insert into messages (id, tenant_id, channel, category, topic, lane, status, sealed, to_hash, country, template_code, encoding, segments,
         provider, provider_message_id, attempts, max_attempts, claims, due_at, error_kind, error_code, cost_amount, cost_currency, reference,
         batch_id, created_at, queued_at, first_asked_at, asked_at, provider_ms, sent_at, delivered_at, failed_at)
       select encode(substring(uuid_send(uuid_floor(at)) for 6) || '\\x7000'::bytea || '\\x80'::bytea
           || substring(decode(md5('${generation}' || n), 'hex') for 7), 'hex')::uuid,
         $1, case when rare = 1 then 'EMAIL' when n % 9 = 0 then 'WHATSAPP' else 'SMS' end,
         case when rare = 2 then 'AUTHENTICATION' when n % 4 = 0 then 'MARKETING' else 'UTILITY' end,
         case when rare = 3 then 'rare' when n % 11 = 0 then 'news' end, 'bulk', case when rare = 4 then 'READ' when n % 20 = 0 then 'FAILED' else 'DELIVERED' end, ($2::bytea[])[n % 64 + 1],
         case when ${generation} = 1 and n % ${people} = 0 then $3::bytea else decode(md5('${generation} ' || n % ${people}), 'hex') end, 'US',
         case when rare = 5 then 'rare' else 'template_' || n % 4 end, 'GSM7', 1, case when rare = 6 then 'simulator' else 'twilio' end, 'SM' || md5('${generation} ' || n), 1, 3, 1, at,
         case when rare = 7 then 'TIMEOUT' when n % 20 = 0 then 'INVALID_RECIPIENT' end, case when n % 20 = 0 then '30005' end, 0.0079, 'USD', 'r-${generation}-' || n,
         md5('batch ${generation} ' || n / ${PER_BATCH})::uuid, at, at, at + interval '0.2 seconds', at + interval '0.2 seconds', 20 + n % 80,
         at + interval '0.3 seconds', case when n % 20 > 0 then at + interval '2 seconds' end, case when n % 20 = 0 then at + interval '1 second' end
       from (select n, case when ${generation} = 1 then n % ${Math.floor(count / RARE)} end as rare, now() - (${count} - n) * interval '${DAYS} days' / ${count} as at from generate_series(0, ${count} - 1) n) g`,
      [this.tenantId, sealed, this.core.index.hash(this.tenantId, numberOf(0))],
    );
  }

  /** What acceptance and delivery would have added up, by quarters of an hour: single minutes are forgotten after three days. */
  private async count(generation: number): Promise<void> {
    await this.pool.query(
      `insert into statistic_deltas (tenant_id, at, channel, category, provider, currency, template_code, batch_id, delivered, read, failed, segments, on_time, cost, details)
       select tenant_id, at, channel, category, provider, cost_currency, template_code, batch_id, count(*) filter (where status = 'DELIVERED'),
         count(*) filter (where status = 'READ'), count(*) filter (where status = 'FAILED'), count(*), count(*) filter (where status <> 'FAILED'), sum(cost_amount),
         jsonb_strip_nulls(jsonb_build_object('${Detail.queue}:56', count(*), '${Detail.provider}:' || 40 + min(provider_ms) % 10, count(*),
           '${Detail.delivery}:80', nullif(count(*) filter (where status <> 'FAILED'), 0),
           '${Detail.error}:INVALID_RECIPIENT:30005', nullif(count(*) filter (where status = 'FAILED'), 0)))
       from (select *, case when created_at > now() - interval '3 days' then date_trunc('minute', created_at)
           else date_bin('15 minutes', created_at, 'epoch') end as at
         from messages where reference like 'r-${generation}-%') m
       group by 1, 2, 3, 4, 5, 6, 7, 8`,
    );
    await this.fold();
  }

  private async fold(): Promise<void> {
    while ((await foldFigures(this.core.db.sql)) > 0);
    await pruneRollups(this.core.db.sql);
  }
}

/** Takes the indexes away and makes them again, the same: to fill them row by row takes a multiple of the time. */
async function withoutIndexes(pool: Pool, table: string, fill: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = $1::regclass and not i.indisprimary`,
    [table],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await fill();
  // Of this connection only.
  await client.query(`set maintenance_work_mem = '512MB'`);
  // With ONLY, as it is told, the months would have none.
  for (const { definition } of rows) await client.query(definition.replace(' ON ONLY ', ' ON '));
  client.release(true);
}
