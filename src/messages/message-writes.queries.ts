import { sql, type RawBuilder, type Transaction } from 'kysely';
import { columnList, rowsOf } from '../platform/database/rows.js';
import { batchDeltas, type Move } from './batch-deltas.js';
import { figureDeltas } from './figure-deltas.js';
import { EVENT_COLUMNS, type NewEvent } from './message-event.js';

/**
 * Writes a group of messages, their events, and how batches and statistics move by them, as one statement: one by one, each
 * would cost the group a round trip. Returns the transaction's horizon, '0' without events.
 */
export async function writeTogether(
  tx: Transaction<unknown>,
  { rows, events, moves }: { rows: RawBuilder<unknown> | null; events: readonly NewEvent[]; moves: readonly Move[] },
): Promise<string> {
  const parts = [...(rows ? [rows] : []), ...batchDeltas(moves), ...figureDeltas(moves)];
  const named = parts.map((part, index) => sql`${sql.raw(`part_${index}`)} as (${part})`);
  const told = events.length > 0 ? [sql`told as (${eventInsert(events)})`] : [];
  if (named.length + told.length === 0) return '0';
  const { rows: horizons } = await sql<{ horizon: string }>`
    with ${sql.join([...named, ...told])}
    select ${told.length > 0 ? sql`horizon::text as horizon from told limit 1` : sql`'0' as horizon`}`.execute(tx);
  return horizons[0]?.horizon ?? '0';
}

function eventInsert(events: readonly NewEvent[]): RawBuilder<unknown> {
  const names = Object.keys(EVENT_COLUMNS);
  return sql`
    insert into message_events (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<NewEvent>(EVENT_COLUMNS, events, 'n')} returning horizon`;
}
