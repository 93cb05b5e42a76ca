import { sql, type Kysely, type RawBuilder } from 'kysely';
import { COUNTS } from '../messages/message-figures.js';
import { FIGURE_COLUMNS } from '../messages/figure-deltas.js';
import { rowsOf, snakeCase } from '../platform/database/rows.js';
import { MINUTES_KEPT_MS, WIDTHS, type Rollup } from './rollup.js';

const AT_ONCE = 20_000;
const VACUUM_AFTER = 5_000;
/** Readers look at the minutes of the last three days; a day more, so that none looks while they go. */
const MARGIN_MS = 86_400_000;

const KIND = ['channel', 'category', 'provider', 'currency', 'template_code', 'batch_id'];
const NUMBERS = [...COUNTS.map(snakeCase), 'cost'];
const KEY = ['tenant_id', 'scope', 'seconds', 'at', ...KIND];

const list = (names: readonly string[]): string => names.join(', ');
const zero = `${NUMBERS.map((name) => `${name} = 0`).join(' and ')} and details = '{}'`;
const sums = NUMBERS.map((name) => `sum(${name}) as ${name}`).join(', ');

/** Adds rows of the rollups' shape to them. In the order of the key, so that two that add the same rows wait for each other instead of deadlocking. */
const addToRollups = (rows: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into statistic_rollups as r (${sql.raw(list([...KEY, ...NUMBERS, 'details']))})
  select ${sql.raw(list([...KEY, ...NUMBERS, 'details']))} from ${rows} where not (${sql.raw(zero)}) order by ${sql.raw(list(KEY))}
  on conflict (${sql.raw(list(KEY))}) do update set
    ${sql.raw(NUMBERS.map((name) => `${name} = r.${name} + excluded.${name}`).join(', '))},
    details = case when excluded.details = '{}' then r.details else merge_details(array[r.details, excluded.details]) end`;

/** Adds to rollups as they are: unlike deltas, which go to all that they belong to. */
export async function addRollups(db: Kysely<unknown>, rollups: readonly Rollup[]): Promise<void> {
  const columns = { scope: 'text', seconds: 'int', ...FIGURE_COLUMNS };
  const rows = rollups.map(({ scope, seconds, figures }) => ({ scope, seconds, ...figures }));
  await addToRollups(rowsOf(columns, rows, 'c')).execute(db);
}

/** Moves what has been appended into the rollups of every width. What another process has locked is left to it. Returns how many rows were moved. */
export async function foldFigures(db: Kysely<unknown>): Promise<number> {
  let total = 0;
  for (let moved = AT_ONCE; moved === AT_ONCE; total += moved) moved = await foldSome(db);
  // Readers step over the rows that were here. Autovacuum would come within a minute, which after a campaign is long.
  if (total >= VACUUM_AFTER) await sql`vacuum (skip_locked, truncate false) statistic_deltas`.execute(db);
  return total;
}

async function foldSome(db: Kysely<unknown>): Promise<number> {
  const kind = sql.raw(list(KIND));
  const { rows } = await sql<{ moved: number }>`
    with taken as (
      delete from statistic_deltas
      where ctid = any(array(select ctid from statistic_deltas limit ${AT_ONCE} for update skip locked)) returning *),
    minutes as (
      select tenant_id, at, ${kind}, ${sql.raw(sums)}, merge_details(array_agg(details) filter (where details <> '{}')) as details
      from taken group by tenant_id, at, ${kind}),
    scoped as (
      select s.scope, m.tenant_id, m.at, m.channel, m.category, m.provider, m.currency, s.template_code, s.batch_id,
        ${sql.raw(list(NUMBERS.map((name) => `m.${name}`)))}, m.details
      from minutes m
      cross join lateral (values ('ALL', null, null), ('TEMPLATE', m.template_code, null), ('BATCH', m.template_code, m.batch_id))
        as s(scope, template_code, batch_id)
      where s.scope = 'ALL' or (s.scope = 'TEMPLATE' and m.template_code is not null) or (s.scope = 'BATCH' and m.batch_id is not null)),
    cells as (
      select tenant_id, scope, w.seconds, date_bin(make_interval(secs => w.seconds), at, 'epoch') as at, ${kind},
        ${sql.raw(sums)}, merge_details(array_agg(details) filter (where details <> '{}')) as details
      from scoped cross join unnest(${WIDTHS}::int[]) as w(seconds)
      group by tenant_id, scope, w.seconds, date_bin(make_interval(secs => w.seconds), at, 'epoch'), ${kind}),
    added as (${addToRollups(sql`cells`)})
    select count(*) as moved from taken`.execute(db);
  return rows[0]?.moved ?? 0;
}

/**
 * Single minutes of long ago, and rows that have come to nothing: those of messages that were asked of another provider since.
 * No index finds them, because every change of a figure would enter it; a part of the table at a time, or one statement would
 * read all of it and take too long one day. Returns how many.
 */
export async function pruneRollups(db: Kysely<unknown>, now = new Date(), blocksAtOnce = 10_000): Promise<number> {
  const before = new Date(now.getTime() - MINUTES_KEPT_MS - MARGIN_MS);
  const { rows } = await sql<{ blocks: number }>`
    select pg_relation_size('statistic_rollups') / current_setting('block_size')::int as blocks`.execute(db);
  let pruned = 0n;
  for (let block = 0; block < (rows[0]?.blocks ?? 0); block += blocksAtOnce) {
    const { numAffectedRows } = await sql`
      delete from statistic_rollups r using (
        select ctid from statistic_rollups
        where ctid >= ${`(${block},0)`}::tid and ctid < ${`(${block + blocksAtOnce},0)`}::tid
          and ((seconds = 60 and at < ${before}) or (${sql.raw(zero)}))
        for update skip locked) as old
      where r.ctid = old.ctid`.execute(db);
    pruned += numAffectedRows ?? 0n;
  }
  return Number(pruned);
}
