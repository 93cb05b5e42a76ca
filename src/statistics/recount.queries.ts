import { sql, type Kysely } from 'kysely';
import { FIGURE_COLUMNS } from '../messages/figure-deltas.js';
import type { FigureRow } from '../messages/figure-sum.js';
import { FIGURED, type FiguredRow } from '../messages/message-figures.js';
import type { MessageStatus } from '../messages/message-status.js';
import { snakeCase } from '../platform/database/rows.js';
import { idFloor, idTime } from '../platform/ids.js';
import { WIDTHS, type Rollup, type Scope } from './rollup.js';
import type { Span } from './span.js';

/** An id is made within the request that sets createdAt; clocks differ. */
const SLACK_MS = 3_600_000;

export type CountedMessage = FiguredRow & { id: string };

const MESSAGE = sql.raw(['id', ...FIGURED].map((name) => `m.${snakeCase(name)} as "${name}"`).join(', '));
const FIGURES = sql.raw(
  Object.keys(FIGURE_COLUMNS)
    .map((name) => `${snakeCase(name)} as "${name}"`)
    .join(', '),
);

/** A page of the messages that were accepted in the span, in the order of their ids. */
export async function messagesAfter(
  db: Kysely<unknown>,
  tenantId: string,
  { from, to }: Span,
  after: string | null,
  limit: number,
): Promise<CountedMessage[]> {
  const lowest = after ?? idFloor(new Date(from.getTime() - SLACK_MS));
  const highest = idFloor(new Date(to.getTime() + SLACK_MS));
  const { rows } = await sql<CountedMessage>`
    select ${MESSAGE} from messages m
    where m.tenant_id = ${tenantId} and m.id > ${lowest}::uuid and m.id < ${highest}::uuid
      and m.created_at >= ${from} and m.created_at < ${to}
    order by m.id limit ${limit}`.execute(db);
  return rows;
}

/** Where a message stands by its events: each takes it out of one status and into another, whatever their order. */
export interface Trail {
  messageId: string;
  status: MessageStatus;
  count: number;
}

export async function trailsOf(db: Kysely<unknown>, messageIds: readonly string[]): Promise<Trail[]> {
  const [first] = messageIds;
  if (first === undefined) return [];
  const { rows } = await sql<Trail>`
    select e.message_id as "messageId", step.status, sum(step.count)::int as count
    from message_events e cross join lateral (values (e.status, 1), (e.previous_status, -1)) as step(status, count)
    where e.message_id = any(${messageIds}::uuid[]) and e.id >= ${idFloor(new Date(idTime(first).getTime() - SLACK_MS))}::uuid
      and e.applied and step.status is not null
    group by e.message_id, step.status having sum(step.count) <> 0`.execute(db);
  return rows;
}

/** What the newest event says that brought a message into a status. */
export interface Telling {
  messageId: string;
  status: MessageStatus;
  at: Date;
  attempt: number | null;
  provider: string | null;
  errorKind: string | null;
  errorCode: string | null;
}

/** Not of the statuses in which messages were accepted: nothing had been tried then. */
export async function tellingsOf(db: Kysely<unknown>, messageIds: readonly string[]): Promise<Telling[]> {
  const [first] = messageIds;
  if (first === undefined) return [];
  const { rows } = await sql<Telling>`
    select distinct on (e.message_id, e.status) e.message_id as "messageId", e.status, e.at, e.attempt, e.provider,
      e.error_kind as "errorKind", e.error_code as "errorCode"
    from message_events e
    where e.message_id = any(${messageIds}::uuid[]) and e.id >= ${idFloor(new Date(idTime(first).getTime() - SLACK_MS))}::uuid
      and e.applied and e.previous_status is not null
    order by e.message_id, e.status, e.id desc`.execute(db);
  return rows;
}

export async function rollupsIn(db: Kysely<unknown>, tenantId: string, { from, to }: Span): Promise<Rollup[]> {
  const { rows } = await sql<FigureRow & { scope: Scope; seconds: number }>`
    select scope, seconds, ${FIGURES} from statistic_rollups
    where tenant_id = ${tenantId} and scope in ('ALL', 'TEMPLATE', 'BATCH') and seconds = any(${WIDTHS}::int[]) and at >= ${from} and at < ${to}`.execute(
    db,
  );
  return rows.map(({ scope, seconds, ...figures }) => ({ scope, seconds, figures }));
}

export async function deltasIn(db: Kysely<unknown>, tenantId: string, { from, to }: Span): Promise<FigureRow[]> {
  const { rows } = await sql<FigureRow>`
    select ${FIGURES} from statistic_deltas where tenant_id = ${tenantId} and at >= ${from} and at < ${to}`.execute(db);
  return rows;
}
