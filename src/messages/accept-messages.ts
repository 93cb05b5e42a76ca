import { sql, type RawBuilder, type Transaction } from 'kysely';
import { notable, type PolicyCheck } from '../consent/policy-gate.js';
import type { Database } from '../platform/database/database.js';
import { columnList, rowsOf } from '../platform/database/rows.js';
import { newId } from '../platform/ids.js';
import type { BudgetReservation } from './budget-account.js';
import { takeKey, type EarlierResult, type IdempotencyKey } from './idempotency.js';
import type { Lane } from './lane.js';
import { NOWHERE, type Actor, type EventPlace, type EventSource, type NewEvent } from './message-event.js';
import type { DispatchHint, DispatchQueue, MessagePublisher } from './message.ports.js';
import { writeTogether } from './message-writes.queries.js';
import { MESSAGE_COLUMNS, type MessageRow } from './message.row.js';

/** How many ids one job carries: codes go alone or nearly so, campaigns in groups that make their statements worth while. */
const JOB_SIZE: Record<Lane, number> = { otp: 20, transactional: 100, bulk: 200 };
/** Rows in one statement: so many are made in one go, and everything else waits meanwhile. */
const INSERT_SIZE = 500;

export interface Acceptance {
  rows: MessageRow[];
  /** By row; none where the policy was not asked. */
  checks: readonly (readonly PolicyCheck[])[];
  source: EventSource;
  actor: Actor | null;
  /** What the rows take of the tenant's budgets; none where these were not asked. */
  reserved?: BudgetReservation;
}

export interface StoredEvents {
  events: NewEvent[];
  place: EventPlace;
}

export class MessageAcceptance {
  constructor(
    private readonly db: Database,
    private readonly queue: DispatchQueue,
    private readonly publisher: MessagePublisher,
  ) {}

  /**
   * Stores messages as promised: rows, events and the idempotency key in one transaction, and only then tells the queue.
   * With a key that was used before for the same input, stores nothing and returns the earlier result.
   */
  async accept(acceptance: Acceptance, key?: { key: IdempotencyKey; resultId: string; detail?: unknown }): Promise<EarlierResult | null> {
    const stored = await this.db.transaction(async (tx) => {
      const earlier = key ? await takeKey(tx, key.key, key.resultId, key.detail) : null;
      return earlier ?? { written: await this.store(tx, acceptance) };
    });
    if ('resultId' in stored) return stored;
    await this.announce(acceptance, stored.written);
    return null;
  }

  /** For callers that hold a transaction of their own; `announce` is theirs to call after the commit. */
  async store(tx: Transaction<unknown>, { rows, checks, ...acceptance }: Acceptance): Promise<StoredEvents> {
    const events: NewEvent[] = [];
    let written = Promise.resolve(NOWHERE);
    for (let start = 0; start < rows.length; start += INSERT_SIZE) {
      const some = rows.slice(start, start + INSERT_SIZE);
      const told = some.map((row, index) => acceptedEvent(row, acceptance, checks[start + index]));
      events.push(...told);
      const next = writeTogether(tx, {
        rows: insertOf(some),
        events: told,
        moves: some.map((after) => ({ before: null, after })),
      });
      // The next group is made while PostgreSQL writes this one. Where this one fails, that one must have ended before the
      // transaction does: it would be written outside of it.
      const ended = Promise.allSettled([next]);
      try {
        await written;
      } catch (error) {
        await ended;
        throw error;
      }
      written = next;
    }
    return { events, place: await written };
  }

  async announce({ rows, reserved }: Acceptance, { events, place }: StoredEvents): Promise<void> {
    reserved?.stored();
    this.publisher.publish(rows.flatMap((row, index) => (events[index] ? [{ row, event: events[index], place }] : [])));
    // A hint that is lost costs the seconds until the sweep, so it is not worth failing an accepted message for.
    await this.queue.hint(hintsFor(rows.filter(({ status }) => status === 'QUEUED')));
  }
}

function insertOf(rows: readonly MessageRow[]): RawBuilder<unknown> {
  // Columns that are null in every row are left to their default: a third of the parameters of a full row.
  const names = (Object.keys(MESSAGE_COLUMNS) as (keyof MessageRow)[]).filter((name) => rows.some((row) => row[name] !== null));
  const columns = Object.fromEntries(names.map((name) => [name, MESSAGE_COLUMNS[name]]));
  return sql`insert into messages (${columnList(names)}) select ${columnList(names)} from ${rowsOf<MessageRow>(columns, rows, 'n')}`;
}

const acceptedEvent = (
  row: MessageRow,
  { source, actor }: Pick<Acceptance, 'source' | 'actor'>,
  checks: readonly PolicyCheck[] | undefined,
): NewEvent => ({
  id: newId(),
  messageId: row.id,
  tenantId: row.tenantId,
  status: row.status,
  previousStatus: null,
  applied: true,
  source,
  at: row.createdAt,
  attempt: null,
  provider: null,
  errorKind: null,
  errorCode: null,
  errorMessage: null,
  errorRetryable: null,
  actor,
  detail: checks ? { checks: notable(checks) } : null,
});

/** Groups by tenant, lane and channel, and cuts into jobs. */
export function hintsFor(rows: readonly Pick<MessageRow, 'id' | 'tenantId' | 'lane' | 'channel' | 'requestedProvider'>[]): DispatchHint[] {
  const groups = new Map<string, DispatchHint>();
  const hints: DispatchHint[] = [];
  for (const { id, tenantId, lane, channel: by, requestedProvider } of rows) {
    const channel = requestedProvider ? undefined : by;
    const group = `${tenantId} ${lane} ${channel}`;
    let hint = groups.get(group);
    if (!hint || hint.messageIds.length >= JOB_SIZE[lane]) {
      hint = { tenantId, lane, channel, messageIds: [] };
      groups.set(group, hint);
      hints.push(hint);
    }
    hint.messageIds.push(id);
  }
  return hints;
}
