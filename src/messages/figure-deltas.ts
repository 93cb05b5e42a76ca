import { sql, type RawBuilder } from 'kysely';
import { columnList, rowsOf } from '../platform/database/rows.js';
import type { Move } from './batch-deltas.js';
import { FigureSum, type FigureRow } from './figure-sum.js';
import { COUNTS, type Count } from './message-figures.js';

/** SQL type of each column of figures. */
export const FIGURE_COLUMNS: Readonly<Record<keyof FigureRow, string>> = {
  tenantId: 'uuid',
  at: 'timestamptz',
  channel: 'text',
  category: 'text',
  provider: 'text',
  currency: 'text',
  templateCode: 'text',
  batchId: 'uuid',
  ...(Object.fromEntries(COUNTS.map((name) => [name, 'bigint'])) as Record<Count, string>),
  cost: 'numeric',
  details: 'jsonb',
};

/**
 * What appends to the statistics how the moves change them, for the transaction that moves the messages: nothing is lost and
 * nothing counted twice. Appended, not added to the totals: those rows would be locks that every worker waits for. A clock
 * job moves them there.
 */
export function figureDeltas(moves: readonly Move[]): RawBuilder<unknown>[] {
  const sum = new FigureSum();
  for (const { before } of moves) if (before) sum.add(before, -1);
  for (const { after } of moves) sum.add(after, 1);
  const rows = sum.rows();
  if (rows.length === 0) return [];
  // Columns that say nothing are left to their defaults: most changes touch a few.
  const names = (Object.keys(FIGURE_COLUMNS) as (keyof FigureRow)[]).filter((name) =>
    rows.some((row) => row[name] !== null && row[name] !== 0),
  );
  const columns = Object.fromEntries(names.map((name) => [name, FIGURE_COLUMNS[name]]));
  return [
    sql`insert into statistic_deltas (${columnList(names)}) select ${columnList(names)} from ${rowsOf<FigureRow>(columns, rows, 'f')}`,
  ];
}
