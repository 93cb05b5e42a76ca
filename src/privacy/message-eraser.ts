import type { Transaction } from 'kysely';
import { otherRecords } from '../delivery/provider-record.queries.js';
import { requestRedactions } from '../delivery/redaction.queries.js';
import { applyChanges, type Change } from '../messages/message-changes.js';
import type { MessageNews } from '../messages/message-fact.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessageStatus } from '../messages/message-status.js';
import type { Database } from '../platform/database/database.js';
import { countErased } from './erasure.queries.js';
import type { OpenErasure } from './erasure.row.js';
import {
  ERASED_HASH,
  eraseEvents,
  eraseInbound,
  eraseIncoming,
  eraseReceipts,
  isLeftToStop,
  isUnderWay,
  lockToErase,
  lockToStop,
} from './erased-messages.queries.js';

const CHUNK = 500;

const WAITING: readonly MessageStatus[] = ['SCHEDULED', 'QUEUED'];
const WITH_PROVIDER: readonly MessageStatus[] = ['SENDING', 'UNCONFIRMED'];

/** No further attempt, and no other channel. */
const STOPPED = { maxAttempts: 0, fallbackChannels: null, fallbackAfterSeconds: null, fallbackAt: null } satisfies Partial<MessageRow>;
const ERASED = { ...STOPPED, sealed: null, toHash: ERASED_HASH, reference: null, errorMessage: null } satisfies Partial<MessageRow>;

const scopeOf = ({ tenantId, addressHashes, requestedAt }: OpenErasure) => ({ tenantId, addressHashes, before: requestedAt });

/** Destroys what messages to and from a person say, some hundred in a transaction; what is erased is not found again. */
export class MessageEraser {
  constructor(
    private readonly db: Database,
    private readonly publisher: MessagePublisher,
    private readonly providers: { canRedact(provider: string): boolean },
  ) {}

  /** What waits is SUPPRESSED; what is with a provider is not tried again, and nothing takes over from it. */
  async stop(erasure: OpenErasure): Promise<void> {
    while (await isLeftToStop(this.db.sql, scopeOf(erasure))) await this.change(erasure, lockToStop);
  }

  /** Returns whether there may be more. */
  async eraseSome(erasure: OpenErasure, contactIds: readonly string[]): Promise<boolean> {
    const sent = await this.change(erasure, lockToErase);
    const received = await this.db.transaction((tx) => this.eraseReceived(tx, erasure, contactIds));
    return sent === CHUNK || received === CHUNK;
  }

  /** What a provider has not answered yet keeps its content until then: without it nobody could find out what became of it. */
  isUnderWay(erasure: OpenErasure): Promise<boolean> {
    return isUnderWay(this.db.sql, scopeOf(erasure));
  }

  private async change(erasure: OpenErasure, lock: typeof lockToErase): Promise<number> {
    const { news, count } = await this.db.transaction(async (tx): Promise<{ news: MessageNews[]; count: number }> => {
      const rows = await lock(tx, scopeOf(erasure), CHUNK);
      const erased = rows.filter(({ status }) => !WITH_PROVIDER.includes(status));
      const applied = await applyChanges(tx, rows.map(changeOf));
      const ids = erased.map(({ id }) => id);
      await eraseEvents(tx, erasure.tenantId, ids);
      await eraseReceipts(tx, ids);
      await this.redact(tx, erasure.tenantId, [...erased, ...(await otherRecords(tx, erasure.tenantId, ids))]);
      await countErased(tx, erasure, { messages: ids.length });
      return { news: applied.news, count: rows.length };
    });
    this.publisher.publish(news);
    return count;
  }

  private async eraseReceived(tx: Transaction<unknown>, erasure: OpenErasure, contactIds: readonly string[]): Promise<number> {
    const erased = await eraseInbound(tx, scopeOf(erasure), contactIds, CHUNK);
    await eraseIncoming(
      tx,
      erased.map(({ providerMessageId }) => providerMessageId),
    );
    await this.redact(tx, erasure.tenantId, erased);
    await countErased(tx, erasure, { inboundMessages: erased.length });
    return erased.length;
  }

  private redact(
    tx: Transaction<unknown>,
    tenantId: string,
    messages: readonly Pick<MessageRow, 'provider' | 'providerMessageId'>[],
  ): Promise<void> {
    const known = messages.flatMap(({ provider, providerMessageId }) =>
      provider && providerMessageId && this.providers.canRedact(provider) ? [{ provider, providerMessageId }] : [],
    );
    return requestRedactions(tx, tenantId, known, new Date());
  }
}

function changeOf(row: MessageRow): Change {
  if (WITH_PROVIDER.includes(row.status)) return { row, set: STOPPED, note: null };
  if (!WAITING.includes(row.status)) return { row, set: ERASED, note: null };
  const suppressed = { status: 'SUPPRESSED' as const, hintAt: null, errorKind: null, errorCode: null, errorRetryable: null };
  return { row, set: { ...ERASED, ...suppressed }, note: { source: 'API', at: new Date(), detail: { note: 'the person was erased' } } };
}
