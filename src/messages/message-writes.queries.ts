import { sql, type RawBuilder, type Transaction } from 'kysely';
import { prepared } from '../platform/database/prepared.js';
import { columnList, rowsOf } from '../platform/database/rows.js';
import { batchDeltas, type Move } from './batch-deltas.js';
import { figureDeltas } from './figure-deltas.js';
import { EVENT_COLUMNS, NOWHERE, type EventPlace, type NewEvent } from './message-event.js';

/**
 * Writes a group of messages, their events, and how batches and statistics move by them, as one statement: one by one, each
 * would cost the group a round trip. Returns the transaction's place, NOWHERE without events.
 */
export async function writeTogether(
  tx: Transaction<unknown>,
  { rows, events, moves }: { rows: RawBuilder<unknown> | null; events: readonly NewEvent[]; moves: readonly Move[] },
): Promise<EventPlace> {
  const parts = [...(rows ? [rows] : []), ...batchDeltas(moves), ...figureDeltas(moves)];
  const named = parts.map((part, index) => sql`${sql.raw(`part_${index}`)} as (${part})`);
  const told = events.length > 0 ? [sql`told as (${eventInsert(events)})`] : [];
  if (named.length + told.length === 0) return NOWHERE;
  const { rows: places } = await sql<EventPlace>`
    ${prepared}with ${sql.join([...named, ...told])}
    select ${told.length > 0 ? sql`horizon::text as horizon, xid::text as xid from told limit 1` : sql`'0' as horizon, '0' as xid`}`.execute(
    tx,
  );
  return places[0] ?? NOWHERE;
}

function eventInsert(events: readonly NewEvent[]): RawBuilder<unknown> {
  const names = Object.keys(EVENT_COLUMNS);
  return sql`
    insert into message_events (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<NewEvent>(EVENT_COLUMNS, events, 'n')} returning horizon, xid`;
}
