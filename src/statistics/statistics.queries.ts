import { sql, type Kysely, type RawBuilder } from 'kysely';
import { COUNTS, Detail, type Count } from '../messages/message-figures.js';
import { MESSAGE_STATUSES } from '../messages/message-status.js';
import { snakeCase } from '../platform/database/rows.js';
import { isUuid } from '../platform/ids.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { Scope } from './rollup.js';
import { cover, type Piece, type Span } from './span.js';

/** All that is given must match; a list matches any of its values. */
export interface StatisticsFilter {
  channel?: Channel[] | null;
  provider?: string[] | null;
  category?: MessageCategory[] | null;
  templateCode?: string | null;
  batchId?: string | null;
}

/** Whose figures, of which messages. */
export interface Selection {
  tenantId: string;
  span: Span;
  filter: StatisticsFilter;
}

function scopeOf({ batchId, templateCode }: StatisticsFilter, byTemplate: boolean): Scope {
  if (typeof batchId === 'string') return 'BATCH';
  return byTemplate || typeof templateCode === 'string' ? 'TEMPLATE' : 'ALL';
}

const COLUMNS = sql.raw(
  ['at', 'channel', 'category', 'provider', 'currency', 'template_code', ...COUNTS.map(snakeCase), 'cost', 'details']
    .map((name) => `f.${name}`)
    .join(', '),
);

function conditionOf({ channel, provider, category, templateCode, batchId }: StatisticsFilter): RawBuilder<unknown> {
  const conditions = [sql`true`];
  const among = (column: string, values: readonly string[] | null | undefined): void => {
    if (values) conditions.push(sql`f.${sql.raw(column)} = any(${values}::text[])`);
  };
  among('channel', channel);
  among('provider', provider);
  among('category', category);
  if (typeof templateCode === 'string') conditions.push(sql`f.template_code = ${templateCode}`);
  // PostgreSQL refuses to compare ids with what is none; nothing has it.
  if (typeof batchId === 'string') conditions.push(isUuid(batchId) ? sql`f.batch_id = ${batchId}` : sql`false`);
  return sql.join(conditions, sql` and `);
}

/** Rollups of the pieces, of which there is at least one, and what has not been moved into them yet: in one statement, because a row is in one or the other at any moment. */
export function figuresIn(
  { tenantId, filter }: Pick<Selection, 'tenantId' | 'filter'>,
  pieces: readonly Piece[],
  { byTemplate = false } = {},
): RawBuilder<unknown> {
  const scope = scopeOf(filter, byTemplate);
  const lower = new Date(Math.min(...pieces.map(({ from }) => from.getTime())));
  const upper = new Date(Math.max(...pieces.map(({ to }) => to.getTime())));
  const condition = conditionOf(filter);
  // What a rollup takes away from a change that is not folded yet must be looked at with it, or not at all.
  const between = isWhole(pieces)
    ? sql`true`
    : sql`exists (select from unnest(${pieces.map(({ from }) => from)}::timestamptz[], ${pieces.map(({ to }) => to)}::timestamptz[]) as piece(lower, upper)
        where f.at >= piece.lower and f.at < piece.upper)`;
  // `offset 0` keeps the planner from joining: it would read all rollups of a tenant to find those of five short pieces.
  return sql`(
    select f.* from unnest(
      ${pieces.map(({ seconds }) => seconds)}::int[], ${pieces.map(({ from }) => from)}::timestamptz[], ${pieces.map(({ to }) => to)}::timestamptz[]
    ) as piece(seconds, lower, upper)
    cross join lateral (
      select ${COLUMNS} from statistic_rollups f
      where f.tenant_id = ${tenantId} and f.scope = ${sql.lit(scope)} and ${condition}
        and f.seconds = piece.seconds and f.at >= piece.lower and f.at < piece.upper
      offset 0) as f
    union all
    select ${COLUMNS} from statistic_deltas f
    where f.tenant_id = ${tenantId} and f.at >= ${lower} and f.at < ${upper} and ${between} and ${condition}) as f`;
}

/** Whether nothing lies between the pieces. */
const isWhole = (pieces: readonly Piece[]): boolean =>
  pieces
    .toSorted((a, b) => a.from.getTime() - b.from.getTime())
    .every(({ from }, index, sorted) => index === 0 || from <= (sorted[index - 1]?.to ?? from));

const TOTAL = sql.raw(MESSAGE_STATUSES.map((status) => `f.${status.toLowerCase()}`).join(' + '));

/** What was charged in one currency, as an exact decimal; where nothing was, the currency is null. */
export interface Charge {
  currency: string | null;
  cost: string;
}

export interface Sums extends Charge {
  total: number;
  delivered: number;
  failed: number;
}

const SUMS = sql`sum(${TOTAL})::bigint as total, sum(f.delivered + f.read)::bigint as delivered, sum(f.failed)::bigint as failed,
  f.currency, sum(f.cost)::text as cost`;

export interface TotalRow extends Charge, Record<Count, number> {
  channel: Channel;
  category: MessageCategory;
  provider: string | null;
}

/** One row for each combination that occurs. */
export async function readTotals(db: Kysely<unknown>, selection: Selection): Promise<TotalRow[]> {
  const counts = sql.raw(COUNTS.map((name) => `sum(f.${snakeCase(name)})::bigint as "${name}"`).join(', '));
  const { rows } = await sql<TotalRow>`
    select f.channel, f.category, f.provider, f.currency, sum(f.cost)::text as cost, ${counts}
    from ${figuresIn(selection, cover([selection.span]))} group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(db);
  return rows;
}

/** What was charged in the currency, and what is expected to be where no price is known yet, as an exact decimal. */
export async function readSpend(db: Kysely<unknown>, selection: Selection, currency: string): Promise<string> {
  const { rows } = await sql<{ amount: string }>`
    select (coalesce(sum(f.cost) filter (where f.currency = ${currency}), 0)
      + coalesce(sum((f.details ->> ${`${Detail.expected}:${currency}`})::bigint), 0) * 0.000001)::text as amount
    from ${figuresIn(selection, cover([selection.span]))}`.execute(db);
  return rows[0]?.amount ?? '0';
}

export interface TemplateRow extends Sums {
  templateCode: string;
}

export async function readTemplates(db: Kysely<unknown>, selection: Selection): Promise<TemplateRow[]> {
  const { rows } = await sql<TemplateRow>`
    select f.template_code as "templateCode", ${SUMS}
    from ${figuresIn(selection, cover([selection.span]), { byTemplate: true })} where f.template_code is not null
    group by f.template_code, f.currency order by f.template_code, f.currency`.execute(db);
  return rows;
}

export interface DetailRow {
  kind: Detail;
  /** What follows the kind: `<kind>:<name>`. */
  name: string;
  provider: string | null;
  count: number;
}

/** Of every kind: to sort some out costs as much as to add them up. */
export async function readDetails(db: Kysely<unknown>, selection: Selection): Promise<DetailRow[]> {
  const { rows } = await sql<DetailRow>`
    select split_part(d.key, ':', 1) as kind, substr(d.key, strpos(d.key, ':') + 1) as name, f.provider, sum(d.value::bigint)::bigint as count
    from ${figuresIn(selection, cover([selection.span]))} cross join lateral jsonb_each_text(f.details) d
    group by d.key, f.provider having sum(d.value::bigint) <> 0 order by d.key, f.provider`.execute(db);
  return rows;
}

export interface SeriesRow extends Sums {
  /** Of the bucket. */
  index: number;
}

/** Of the buckets that begin at `starts` and hold `spans`, those with figures. */
export async function readSeries(db: Kysely<unknown>, selection: Selection, starts: readonly Date[], spans: Span[]): Promise<SeriesRow[]> {
  const { rows } = await sql<SeriesRow>`
    select width_bucket(f.at, ${starts}::timestamptz[]) - 1 as index, ${SUMS}
    from ${figuresIn(selection, cover(spans))} group by index, f.currency order by index, f.currency`.execute(db);
  return rows;
}
