import type { Transaction } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { isUuid } from '../platform/ids.js';
import { hintsFor } from './accept-messages.js';
import { countMessagesOfBatches, listMessagesOfBatches } from './batch-messages.queries.js';
import { countsOf } from './batch.queries.js';
import type { ContactHashes } from './contact-hashes.js';
import { applyChanges, lockMessages, type Change } from './message-changes.js';
import { actorOf, type EventRow } from './message-event.js';
import type { Census, DispatchQueue, MessagePublisher, TenantSource } from './message.ports.js';
import {
  countMessages,
  eventsOfMessages,
  findMessage,
  findMessages,
  listMessages,
  matchingIds,
  type MessageFilter,
  type MessagePage,
} from './message.queries.js';
import type { MessageRow } from './message.row.js';
import { retries } from './message-retry.js';
import { CANCELLABLE, RETRYABLE } from './message-status.js';
import { countByCensus, isCounted, isScattered, listScattered } from './scattered-messages.js';
import { parsePhoneNumber } from '../contacts/phone-number.js';

/** A filter as callers write it: with the address itself. */
export type MessageSearch = Omit<MessageFilter, 'toHashes'> & { to?: string | null; contactId?: string | null };

/** What becomes of rows that are locked. */
type Decide<Rows, Changes> = (rows: Rows, now: Date, tx: Transaction<unknown>) => Changes | Promise<Changes>;

const CHUNK = 1000;

export class MessageService {
  constructor(
    private readonly db: Database,
    private readonly tenants: TenantSource,
    private readonly index: BlindIndex,
    private readonly queue: DispatchQueue,
    private readonly publisher: MessagePublisher,
    private readonly contacts: Pick<ContactHashes, 'ofOne'>,
    private readonly census: Census,
  ) {}

  find(caller: Caller, id: string): Promise<MessageRow | null> {
    return isUuid(id) ? findMessage(this.db.sql, caller.tenantId, id) : Promise.resolve(null);
  }

  findMany(caller: Caller, ids: readonly string[]): Promise<MessageRow[]> {
    return findMessages(this.db.sql, caller.tenantId, ids);
  }

  /** Newest first; one row more than `page.limit` when there are more. */
  async list(caller: Caller, search: MessageSearch, page: MessagePage): Promise<MessageRow[]> {
    const filter = await this.filterOf(caller, search);
    if (!isScattered(filter)) return listMessages(this.db.sql, caller.tenantId, filter, page);
    return this.db.snapshot((tx) => listScattered(tx, this.census, caller.tenantId, filter, page));
  }

  async count(caller: Caller, search: MessageSearch): Promise<number> {
    const filter = await this.filterOf(caller, search);
    return isCounted(filter)
      ? countByCensus(this.db.sql, this.census, caller.tenantId, filter)
      : countMessages(this.db.sql, caller.tenantId, filter);
  }

  /** Of each batch newest first; one row more than `page.limit` when there are more. */
  async listOfBatches(
    caller: Caller,
    batchIds: readonly string[],
    search: MessageSearch,
    page: { limit: number; after: string | null },
  ): Promise<MessageRow[]> {
    const filter = await this.filterOf(caller, { ...search, batchId: null });
    return listMessagesOfBatches(this.db.sql, caller.tenantId, batchIds, filter, page);
  }

  /** By the counts that batches keep, where those tell what is asked. */
  async countOfBatches(caller: Caller, batchIds: readonly string[], search: MessageSearch): Promise<Map<string, number>> {
    const { status, ...others } = await this.filterOf(caller, { ...search, batchId: null });
    const isPlain = Object.values(others).every((value) => value === null || value === undefined);
    const counts = isPlain
      ? (await countsOf(this.db.sql, batchIds)).filter((one) => !status || status.includes(one.status))
      : await countMessagesOfBatches(this.db.sql, caller.tenantId, batchIds, { ...others, status });
    const sums = new Map<string, number>();
    for (const { batchId, count } of counts) sums.set(batchId, (sums.get(batchId) ?? 0) + count);
    return sums;
  }

  events(caller: Caller, messageIds: readonly string[]): Promise<EventRow[]> {
    return eventsOfMessages(this.db.sql, caller.tenantId, messageIds);
  }

  /** Withdraws a message that no provider has been asked to send. Throws Refusal NOT_FOUND, NOT_CANCELLABLE. */
  async cancel(caller: Caller, id: string): Promise<MessageRow> {
    return this.changeOne(caller, id, (row, now) => {
      if (!CANCELLABLE.includes(row.status))
        throw new Refusal('NOT_CANCELLABLE', `The message is ${row.status}; only SCHEDULED and QUEUED ones can be cancelled.`, ['id']);
      return { row, set: { status: 'CANCELLED', hintAt: null }, note: { source: 'API', at: now, actor: actorOf(caller) } };
    });
  }

  /** Queues a dead letter again, with a full set of attempts. Throws Refusal NOT_FOUND, NOT_RETRYABLE. */
  async retry(caller: Caller, id: string): Promise<MessageRow> {
    const row = await this.changeOne(caller, id, async (found, now, tx) => {
      const [retry = ''] = await retries(tx, [found], now, actorOf(caller));
      if (typeof retry === 'string') throw new Refusal('NOT_RETRYABLE', retry, ['id']);
      return retry;
    });
    await this.queue.hint(hintsFor([row]));
    return row;
  }

  /** Every dead letter that matches, a thousand at a time. Throws Refusal for a filter that names none of the dead statuses. */
  async retryFailed(caller: Caller, search: MessageSearch): Promise<{ retried: number; skipped: number }> {
    const statuses = RETRYABLE.filter((status) => !search.status || search.status.includes(status));
    if (statuses.length === 0) throw new Refusal('NOT_RETRYABLE', 'Only FAILED and EXPIRED messages can be retried.', ['filter', 'status']);
    const filter = { ...(await this.filterOf(caller, search)), status: statuses };
    const result = { retried: 0, skipped: 0 };
    for (let after: string | null = null; ;) {
      const ids = await matchingIds(this.db.sql, caller.tenantId, filter, after, CHUNK);
      const rows = await this.change(ids, async (found, now, tx) =>
        (await retries(tx, found, now, actorOf(caller))).filter((retry) => typeof retry !== 'string'),
      );
      result.retried += rows.length;
      result.skipped += ids.length - rows.length;
      await this.queue.hint(hintsFor(rows));
      after = ids.at(-1) ?? null;
      if (ids.length < CHUNK) return result;
    }
  }

  private async changeOne(caller: Caller, id: string, decide: Decide<MessageRow, Change>): Promise<MessageRow> {
    if (!isUuid(id)) throw notFound();
    const [row] = await this.change([id], async ([found], now, tx) => {
      if (found?.tenantId !== caller.tenantId) throw notFound();
      return [await decide(found, now, tx)];
    });
    if (!row) throw notFound();
    return row;
  }

  /** Returns the rows that changed, as they are now. */
  private async change(ids: readonly string[], decide: Decide<readonly MessageRow[], Change[]>): Promise<MessageRow[]> {
    if (ids.length === 0) return [];
    const { news, rows } = await this.db.transaction(async (tx) => {
      const found = await lockMessages(tx, ids);
      return applyChanges(tx, await decide(found, new Date(), tx));
    });
    this.publisher.publish(news);
    return rows;
  }

  /** The filter with addresses hashed: that of `to`, which may be typed as in a send, and all of the contact. */
  async filterOf({ tenantId }: Caller, { to, contactId, ...filter }: MessageSearch): Promise<MessageFilter> {
    const typed = typeof to === 'string' ? await this.hashOf(tenantId, to) : null;
    if (typeof contactId !== 'string') return { ...filter, toHashes: typed && [typed] };
    const own = await this.contacts.ofOne(tenantId, contactId);
    return { ...filter, toHashes: typed ? own.filter((hash) => hash.equals(typed)) : own };
  }

  private async hashOf(tenantId: string, to: string): Promise<Buffer> {
    const { defaultCountry } = await this.tenants.settings(tenantId);
    return this.index.hash(tenantId, addressOf(to, defaultCountry));
  }
}

/** What is not a number is looked for as it is, and not found: a search refuses nothing. */
function addressOf(typed: string, defaultCountry: string | null): string {
  try {
    return parsePhoneNumber(typed, { channel: 'WHATSAPP', defaultCountry }).e164;
  } catch (error) {
    if (error instanceof Refusal) return typed.trim();
    throw error;
  }
}

const notFound = (): Refusal => new Refusal('NOT_FOUND', 'There is no such message.', ['id']);
