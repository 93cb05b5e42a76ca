import { sql, type RawBuilder, type Transaction } from 'kysely';
import { prepared } from '../platform/database/prepared.js';
import { rowsOf, snakeCase, uuids } from '../platform/database/rows.js';
import { newId } from '../platform/ids.js';
import type { DeliveryError } from './delivery-error.js';
import type { Actor, EventDetail, EventSource, NewEvent } from './message-event.js';
import type { MessageNews } from './message-fact.js';
import { writeTogether } from './message-writes.queries.js';
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
    ${prepared}select ${messageColumns} from messages m where m.id = any(${uuids(ids)}) order by m.id for update`.execute(tx);
  return rows;
}

export type RowState = Pick<MessageRow, 'id' | 'status' | 'claims' | 'maxAttempts'>;

/** The same locks, for who knows the rows already and asks only whether they are still as they were. */
export async function lockStates(tx: Transaction<unknown>, ids: readonly string[]): Promise<Map<string, RowState>> {
  const { rows } = await sql<RowState>`
    ${prepared}select m.id, m.status, m.claims, m.max_attempts as "maxAttempts" from messages m where m.id = any(${uuids(ids)}) order by m.id for update`.execute(
    tx,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** What became of the messages, in the order of their changes, and what to publish of it after the commit. */
export interface Applied {
  rows: MessageRow[];
  news: MessageNews[];
}

/**
 * The one place where a message's state is written: rows, their events, the batch counters and the
 * statistics move in one transaction. Events that changed nothing are stored and not published.
 */
export async function applyChanges(tx: Transaction<unknown>, changes: readonly Change[]): Promise<Applied> {
  const applied = changes.map(({ row, set, note }) => ({
    before: row,
    set,
    after: { ...row, ...set },
    event: note && eventOf(row, set, note),
  }));
  const written = applied.filter(({ set }) => Object.keys(set).length > 0);
  const place = await writeTogether(tx, {
    rows: written.length > 0 ? updateOf(written) : null,
    events: applied.flatMap(({ event }) => event ?? []),
    moves: written,
  });
  return {
    rows: applied.map(({ after }) => after),
    news: applied.flatMap(({ after, event }) => (event?.applied ? [{ row: after, event, place }] : [])),
  };
}

function updateOf(written: readonly { set: Partial<MessageRow>; after: MessageRow }[]): RawBuilder<unknown> {
  const names = [...new Set(written.flatMap(({ set }) => Object.keys(set)))] as (keyof MessageRow)[];
  const columns = Object.fromEntries([['id', 'uuid'], ...names.map((name) => [name, MESSAGE_COLUMNS[name]])]);
  // The last change of a message holds the earlier ones; an UPDATE that meets a row twice would take any of them.
  const values = [...new Map(written.map(({ after }) => [after.id, after])).values()];
  const assignments = sql.raw(names.map((name) => `${snakeCase(name)} = c.${snakeCase(name)}`).join(', '));
  // The ids a second time, as a plain list: with it the planner leaves out the months that hold none of them.
  const ids = values.map(({ id }) => id);
  return sql`update messages m set ${assignments} from ${rowsOf<MessageRow>(columns, values, 'c')} where m.id = c.id and m.id = any(${uuids(ids)})`;
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
    detail: detailOf(row, set, note),
  };
}

/** With the provider's record that the row names no more: nothing else would remember that the provider has it. */
function detailOf({ provider, providerMessageId }: MessageRow, set: Partial<MessageRow>, { detail = null }: EventNote): EventDetail | null {
  const isKept = set.providerMessageId === undefined || set.providerMessageId === providerMessageId;
  return isKept || provider === null || providerMessageId === null ? detail : { ...detail, otherRecord: { provider, providerMessageId } };
}
