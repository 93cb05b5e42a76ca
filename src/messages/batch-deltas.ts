import { sql, type RawBuilder } from 'kysely';
import { rowsOf } from '../platform/database/rows.js';
import { chargesOf } from './message-cost.js';
import type { MessageRow } from './message.row.js';
import type { MessageStatus } from './message-status.js';

/** A message as it was, or null where it is new, and as it is now. */
export interface Move {
  before: MessageRow | null;
  after: MessageRow;
}

interface Count {
  batchId: string;
  status: MessageStatus;
  count: number;
}

interface Cost {
  batchId: string;
  currency: string;
  amount: string;
}

/** These were not sent, or not taken: only what their provider charged all the same counts. */
const UNBILLED: readonly MessageStatus[] = ['FAILED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED'];

/**
 * What tells the batches of the messages how their counts and costs move, for the transaction that moves the messages.
 * Appended, not added to a counter row: every worker would wait for that row's lock.
 */
export function batchDeltas(moves: readonly Move[]): RawBuilder<unknown>[] {
  const ofBatches = moves.filter(({ after }) => after.batchId !== null);
  const counts = countsOf(ofBatches);
  const costs = ofBatches.flatMap(costsOf);
  const statements: RawBuilder<unknown>[] = [];
  if (counts.length > 0)
    statements.push(sql`
      insert into batch_deltas (batch_id, status, count)
      select batch_id, status, count from ${rowsOf({ batchId: 'uuid', status: 'text', count: 'int' }, counts, 'd')}`);
  if (costs.length > 0)
    statements.push(sql`
      insert into batch_cost_deltas (batch_id, currency, amount)
      select batch_id, currency, sum(amount) from ${rowsOf({ batchId: 'uuid', currency: 'text', amount: 'numeric(18,6)' }, costs, 'd')}
      group by batch_id, currency having sum(amount) <> 0`);
  return statements;
}

function countsOf(moves: readonly Move[]): Count[] {
  const counts = new Map<string, Count>();
  const add = ({ batchId, status }: MessageRow, count: number): void => {
    if (batchId === null) return;
    const sum = counts.get(batchId + status) ?? { batchId, status, count: 0 };
    sum.count += count;
    counts.set(batchId + status, sum);
  };
  for (const { before, after } of moves) {
    if (before) add(before, -1);
    add(after, 1);
  }
  return [...counts.values()].filter(({ count }) => count !== 0);
}

function costsOf({ before, after }: Move): Cost[] {
  const was = before ? billed(before) : [];
  const is = billed(after);
  if (was.length === is.length && was.every(({ amount, currency }, n) => amount === is[n]?.amount && currency === is[n].currency))
    return [];
  return [...is, ...was.map((cost) => ({ ...cost, amount: `-${cost.amount}` }))];
}

function billed(row: MessageRow): Cost[] {
  const { batchId, status, costAmount, estimateAmount, estimateCurrency } = row;
  if (batchId === null) return [];
  const charges = chargesOf(row).map(({ amount, currency }) => ({ batchId, currency, amount }));
  if (costAmount !== null || estimateAmount === null || estimateCurrency === null || UNBILLED.includes(status)) return charges;
  return [...charges, { batchId, currency: estimateCurrency, amount: estimateAmount }];
}
