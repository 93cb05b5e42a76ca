import { sql, type Kysely, type RawBuilder } from 'kysely';
import { snakeCase } from '../platform/database/rows.js';
import type { FeedCursor } from './feed-cursor.js';
import { EVENT_COLUMNS, type EventPlace } from './message-event.js';
import { LogSnapshot } from './log-snapshot.js';
import { FACT_COLUMNS, factOf, type FactEvent, type FactRow, type MessageFact } from './message-fact.js';

type LoggedFact = FactEvent & EventPlace;

const listed = (table: string, names: readonly string[]): RawBuilder<unknown> =>
  sql.raw(names.map((name) => `${table}.${snakeCase(name)} as "${name}"`).join(', '));
/** Without `detail`, which is long and which no fact tells of. */
const eventColumns = listed('e', [...Object.keys(EVENT_COLUMNS).filter((name) => name !== 'detail'), 'horizon', 'xid']);
const messageColumns = listed('m', ['id', ...FACT_COLUMNS]);

/** The first transaction that may still be running. */
export async function currentHorizon(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ horizon: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(db);
  return rows[0]?.horizon ?? '0';
}

export async function currentSnapshot(db: Kysely<unknown>): Promise<LogSnapshot> {
  const { rows } = await sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return new LogSnapshot(rows[0]?.snapshot ?? '');
}

export interface LoggedEvents {
  /** Everything below it is in `events`, or was before. */
  horizon: string;
  events: LoggedEvent[];
}

export interface LoggedEvent {
  id: string;
  messageId: string;
  tenantId: string;
  xid: string;
}

/** Published events of the transactions from `from` to below `until`, which must all have ended. */
export async function loggedSince(
  db: Kysely<unknown>,
  tenantIds: readonly string[],
  { from, until, limit }: { from: string; until: string; limit: number },
): Promise<LoggedEvents> {
  const { rows: events } = await sql<LoggedEvent>`
    select e.id, e.message_id as "messageId", e.tenant_id as "tenantId", e.xid::text as xid from message_events e
    where e.xid >= ${from}::xid8 and e.xid < ${until}::xid8 and e.applied and e.tenant_id = any(${tenantIds}::uuid[])
    order by e.xid limit ${limit}`.execute(db);
  // Cut off by the limit: the last transaction may be incomplete, so the next reading starts with it again.
  return { horizon: events.length < limit ? until : (events.at(-1)?.xid ?? until), events };
}

/** Of a state of the log, what a subscriber that stopped at `cursor` has to see, oldest first, a page at a time. `last` is null at the end. */
export async function eventsSince(
  db: Kysely<unknown>,
  tenantId: string,
  { cursor, snapshot, after, limit }: { cursor: FeedCursor; snapshot: LogSnapshot; after: string; limit: number },
): Promise<{ facts: MessageFact[]; last: string | null }> {
  const { horizon, eventId, replayedBelow } = cursor;
  const unseen = replayedBelow ? sql`and (e.id > ${eventId}::uuid or e.xid >= ${replayedBelow}::xid8)` : sql``;
  const { rows } = await sql<LoggedFact>`
    select ${eventColumns} from message_events e
    where e.id > ${after}::uuid and e.xid >= ${horizon}::xid8 and e.tenant_id = ${tenantId} and e.applied
      and pg_visible_in_snapshot(e.xid, ${snapshot.text}::pg_snapshot) ${unseen}
    order by e.id limit ${limit}`.execute(db);
  return { facts: await withMessages(db, rows), last: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}

/** The given events and all later ones of the same messages, oldest first. */
export async function eventsFrom(db: Kysely<unknown>, eventIds: readonly string[]): Promise<MessageFact[]> {
  const { rows } = await sql<LoggedFact>`
    with missed as (select message_id, min(id::text)::uuid as id from message_events where id = any(${eventIds}::uuid[]) group by message_id)
    select ${eventColumns} from message_events e join missed on e.message_id = missed.message_id and e.id >= missed.id
    where e.applied and e.id >= ${eventIds.reduce((a, b) => (a < b ? a : b))}::uuid
    order by e.id`.execute(db);
  return withMessages(db, rows);
}

async function withMessages(db: Kysely<unknown>, events: LoggedFact[]): Promise<MessageFact[]> {
  if (events.length === 0) return [];
  const ids = [...new Set(events.map(({ messageId }) => messageId))];
  const { rows } = await sql<FactRow & { id: string }>`select ${messageColumns} from messages m where m.id = any(${ids}::uuid[])`.execute(
    db,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return events.flatMap((event) => {
    const row = byId.get(event.messageId);
    return row ? [factOf({ row, event, place: event })] : [];
  });
}
