import { sql, type Transaction } from 'kysely';
import { columnList, rowsOf, snakeCase } from '../platform/database/rows.js';
import { newId } from '../platform/ids.js';
import { addBatchDeltas } from './batch-deltas.js';
import type { DeliveryError } from './delivery-error.js';
import { appendFigures } from './figure-deltas.js';
import { EVENT_COLUMNS, type Actor, type EventDetail, type EventSource, type NewEvent } from './message-event.js';
import { factOf, type MessageFact } from './message-fact.js';
import { MESSAGE_COLUMNS, messageColumns, type MessageRow } from './message.row.js';

/** What the event of a change says beyond the statuses, which follow from the change itself. */
export interface EventNote {
  source: EventSource;
  at: Date;
  attempt?: number | null;
  provider?: string | null;
  error?: DeliveryError | null;
  actor?: Actor | null;
  detail?: EventDetail | null;
}

/**
 * `row` as it was read under its lock, and what becomes of it. An empty `set` records an event and changes nothing;
 * without a note the change is bookkeeping (a new due time) that no event tells of. Several changes of one message come
 * in order, each `row` with the earlier ones applied.
 */
export interface Change {
  row: MessageRow;
  set: Partial<MessageRow>;
  note: EventNote | null;
}

/** Takes the locks in id order, so that two groups which share rows wait for each other instead of deadlocking. */
export async function lockMessages(tx: Transaction<unknown>, ids: readonly string[]): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m where m.id = any(${ids}::uuid[]) order by m.id for update`.execute(tx);
  return rows;
}

export type RowState = Pick<MessageRow, 'id' | 'status' | 'claims' | 'maxAttempts'>;

/** The same locks, for who knows the rows already and asks only whether they are still as they were. */
export async function lockStates(tx: Transaction<unknown>, ids: readonly string[]): Promise<Map<string, RowState>> {
  const { rows } = await sql<RowState>`
    select m.id, m.status, m.claims, m.max_attempts as "maxAttempts" from messages m where m.id = any(${ids}::uuid[]) order by m.id for update`.execute(
    tx,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * The one place where a message's state is written: rows, their events, the batch counters and the
 * statistics move in one transaction.
 * Returns what to publish after the commit; events that changed nothing are stored and not published.
 */
export async function applyChanges(tx: Transaction<unknown>, changes: readonly Change[]): Promise<MessageFact[]> {
  if (changes.length === 0) return [];
  const written = changes.filter(({ set }) => Object.keys(set).length > 0);
  if (written.length > 0) await updateRows(tx, written);
  const told = changes.flatMap(({ row, set, note }) => (note ? [{ row: { ...row, ...set }, event: eventOf(row, set, note) }] : []));
  const horizon =
    told.length > 0
      ? await insertEvents(
          tx,
          told.map(({ event }) => event),
        )
      : '0';
  const moves = written.map(({ row, set }) => ({ before: row, after: { ...row, ...set } }));
  await addBatchDeltas(tx, moves);
  await appendFigures(tx, moves);
  return told.filter(({ event }) => event.applied).map(({ row, event }) => factOf(row, event, horizon));
}

async function updateRows(tx: Transaction<unknown>, changes: readonly Change[]): Promise<void> {
  const names = [...new Set(changes.flatMap(({ set }) => Object.keys(set)))] as (keyof MessageRow)[];
  const columns = Object.fromEntries([['id', 'uuid'], ...names.map((name) => [name, MESSAGE_COLUMNS[name]])]);
  // The last change of a message holds the earlier ones; an UPDATE that meets a row twice would take any of them.
  const values = [...new Map(changes.map(({ row, set }) => [row.id, { ...row, ...set }])).values()];
  const assignments = sql.raw(names.map((name) => `${snakeCase(name)} = c.${snakeCase(name)}`).join(', '));
  // The ids a second time, as a plain list: with it the planner leaves out the months that hold none of them.
  const ids = values.map(({ id }) => id);
  await sql`update messages m set ${assignments} from ${rowsOf<MessageRow>(columns, values, 'c')} where m.id = c.id and m.id = any(${ids}::uuid[])`.execute(
    tx,
  );
}

function eventOf(row: MessageRow, set: Partial<MessageRow>, note: EventNote): NewEvent {
  const error = note.error ?? null;
  return {
    id: newId(),
    messageId: row.id,
    tenantId: row.tenantId,
    status: set.status ?? row.status,
    previousStatus: row.status,
    applied: set.status !== undefined && set.status !== row.status,
    source: note.source,
    at: note.at,
    attempt: note.attempt ?? null,
    provider: note.provider ?? null,
    errorKind: error?.kind ?? null,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    errorRetryable: error?.retryable ?? null,
    actor: note.actor ?? null,
    detail: note.detail ?? null,
  };
}

/** Returns the transaction's horizon, the same for all rows of one statement. */
export async function insertEvents(tx: Transaction<unknown>, events: readonly NewEvent[]): Promise<string> {
  const names = Object.keys(EVENT_COLUMNS);
  const { rows } = await sql<{ horizon: string }>`
    with e as (
      insert into message_events (${columnList(names)})
      select ${columnList(names)} from ${rowsOf<NewEvent>(EVENT_COLUMNS, events, 'n')} returning horizon)
    select horizon::text as horizon from e limit 1`.execute(tx);
  return rows[0]?.horizon ?? '0';
}
