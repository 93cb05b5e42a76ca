import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { isUuid } from '../platform/ids.js';
import type { Money } from '../vocabulary.js';
import { traced } from '../platform/tracing/tracing.js';
import { hintsFor, type MessageAcceptance } from './accept-messages.js';
import { BatchBudget } from './batch-budget.js';
import { cancelledBy, resumed } from './batch-changes.js';
import { checkRecipientCount, type BatchRecipients, type RejectedRecipient } from './batch-recipients.js';
import {
  closeCancelled,
  completeBatches,
  costsOf,
  countsOf,
  findBatches,
  foldDeltas,
  reopenRequeued,
  insertBatch,
  listBatches,
  lockFirstHeld,
  lockNewestUnsent,
  lockUnsent,
  moveBatch,
  openCancelled,
} from './batch.queries.js';
import type { BatchRow, BatchStatus, StatusCount } from './batch.row.js';
import { checkBatchTerms, type BatchTerms } from './batch-terms.js';
import { canonicalJson, orEarlier, takeKey, type EarlierResult, type IdempotencyKey } from './idempotency.js';
import { applyChanges, type Change } from './message-changes.js';
import { actorOf } from './message-event.js';
import type { BatchBoard, ChannelDirectory, DispatchQueue, MessagePublisher, TenantSource } from './message.ports.js';
import type { MessageRow } from './message.row.js';
import { newBatch } from './new-batch.js';
import { withTemplate, type TemplateSource } from './templated-terms.js';
import type { Recipient } from './recipient.js';

export interface SendBulk extends BatchTerms {
  recipients: Recipient[];
}

export interface AcceptedBatch {
  /** Null when its idempotency key outlived it. */
  batch: BatchRow | null;
  rejected: RejectedRecipient[];
}

/** Idempotency keys keep what is returned again, but nobody's number: the same input has it. */
const withoutNumber = ({ to: _to, ...rejection }: RejectedRecipient): Omit<RejectedRecipient, 'to'> => rejection;

const nameOf = (recipient: Recipient | undefined): string => recipient?.to ?? recipient?.contactId ?? recipient?.externalId ?? '';

const CANCEL_CHUNK = 2_000;
/** Withdrawn before the caller gets an answer, so that small batches are done at once. */
const CANCELLED_AT_ONCE = 200;
/** Handed out before the caller gets an answer: enough until the sweep comes, which may be busy with what others have. */
const RESUMED_AT_ONCE = 200;
/** The clock takes a job that runs for longer for dead, and other batches wait meanwhile. */
const CANCELLING_MS = 2_500;
/** What takes longer to close is large: a walk reads all that was sent of it. It rests for so many times as long. */
const LONG_CLOSING_MS = 250;
const REST_FACTOR = 10;

export class BatchService {
  private readonly cancelledUpTo = new Map<string, string>();
  /** Large cancelled batches that were closed a moment ago, and until when they are not walked through again. */
  private readonly restingUntil = new Map<string, number>();

  constructor(
    private readonly db: Database,
    private readonly tenants: TenantSource,
    private readonly recipients: BatchRecipients,
    private readonly acceptance: MessageAcceptance,
    private readonly directory: ChannelDirectory,
    private readonly index: BlindIndex,
    private readonly queue: DispatchQueue,
    private readonly publisher: MessagePublisher,
    private readonly board: BatchBoard,
    private readonly templates: TemplateSource,
    private readonly audit: AuditLog,
  ) {}

  /** Accepts what can be sent and reports the rest. Throws Refusal for what concerns them all; then nothing was stored. */
  send(caller: Caller, input: SendBulk): Promise<AcceptedBatch> {
    return traced('sendBulk', { 'tenant.id': caller.tenantId, recipients: input.recipients.length }, () =>
      this.sendUntraced(caller, input),
    );
  }

  private async sendUntraced(caller: Caller, input: SendBulk): Promise<AcceptedBatch> {
    const key = input.idempotencyKey ? this.keyOf(caller.tenantId, input) : null;
    return orEarlier(
      this.db.sql,
      key,
      () => this.accept(caller, input, key),
      (earlier) => this.acceptedEarlier(caller, input, earlier),
    );
  }

  private async accept(caller: Caller, input: SendBulk, key: IdempotencyKey | null): Promise<AcceptedBatch> {
    const now = new Date();
    checkRecipientCount(input);
    const { terms: inForce, template } = await withTemplate(this.templates, caller.tenantId, input);
    const terms = checkBatchTerms(inForce, this.directory, now);
    const batch = { ...newBatch(caller.tenantId, inForce, now), total: input.recipients.length };
    const tenant = await this.tenants.settings(caller.tenantId);
    const context = { tenantId: caller.tenantId, tenant, terms, template, batchId: batch.id, now };
    const maxCost = new BatchBudget(input.maxCost);
    const { rows, rejected, checks, reserved } = await this.recipients.prepare(context, input.recipients, maxCost);
    Object.assign(batch, { rejected: rejected.length, ...(rows.length > 0 ? {} : { status: 'COMPLETED', completedAt: now }) });
    const acceptance = { rows, checks, source: 'API' as const, actor: actorOf(caller), reserved };
    try {
      const stored = await this.db.transaction(async (tx) => {
        const earlier = key ? await takeKey(tx, key, batch.id, rejected.map(withoutNumber)) : null;
        if (earlier) return { earlier };
        await insertBatch(tx, batch);
        return { written: await this.acceptance.store(tx, acceptance) };
      });
      if (stored.earlier) return await this.acceptedEarlier(caller, input, stored.earlier);
      await this.acceptance.announce(acceptance, stored.written);
      return { batch, rejected };
    } finally {
      reserved.release();
    }
  }

  private async acceptedEarlier(caller: Caller, { recipients }: SendBulk, { resultId, detail }: EarlierResult): Promise<AcceptedBatch> {
    const [batch = null] = await findBatches(this.db.sql, caller.tenantId, [resultId]);
    const rejected = detail as Omit<RejectedRecipient, 'to'>[];
    return { batch, rejected: rejected.map((one) => ({ ...one, to: nameOf(recipients[one.index]) })) };
  }

  async find({ tenantId }: Pick<Caller, 'tenantId'>, id: string): Promise<BatchRow | null> {
    return isUuid(id) ? ((await findBatches(this.db.sql, tenantId, [id]))[0] ?? null) : null;
  }

  findMany(caller: Caller, ids: readonly string[]): Promise<BatchRow[]> {
    return findBatches(this.db.sql, caller.tenantId, ids);
  }

  list(caller: Caller, after: string | null, limit: number): Promise<BatchRow[]> {
    return listBatches(this.db.sql, caller.tenantId, after, limit);
  }

  counts(batchIds: readonly string[]): Promise<(StatusCount & { batchId: string })[]> {
    return countsOf(this.db.sql, batchIds);
  }

  /** By currency. */
  costs(batchIds: readonly string[]): Promise<(Money & { batchId: string })[]> {
    return costsOf(this.db.sql, batchIds);
  }

  /** Nothing more is claimed from the moment this returns; what a provider was asked before goes its way. */
  pause(caller: Caller, id: string): Promise<BatchRow> {
    return this.move(caller, id, ['ACCEPTING', 'RUNNING'], 'PAUSED', 'batch.paused');
  }

  /** The first of what the pause has held go out at once; the sweep brings back the rest, a few thousand at a time. */
  async resume(caller: Caller, id: string): Promise<BatchRow> {
    const batch = await this.move(caller, id, ['PAUSED'], 'RUNNING', 'batch.resumed');
    await this.queue.hint(hintsFor(await this.change((tx) => lockFirstHeld(tx, id, RESUMED_AT_ONCE), resumed)));
    return batch;
  }

  /** Nothing more is claimed from the moment this returns; the messages become CANCELLED in the seconds after. */
  async cancel(caller: Caller, id: string): Promise<BatchRow> {
    const batch = await this.move(caller, id, ['ACCEPTING', 'RUNNING', 'PAUSED'], 'CANCELLED', 'batch.cancelled');
    await this.change((tx) => lockNewestUnsent(tx, id, CANCELLED_AT_ONCE), cancelledBy(actorOf(caller)));
    return batch;
  }

  /** Counts, ends and cancellations that are due. Running it twice does no harm. */
  async upkeep(): Promise<void> {
    // In one transaction: once folded, nothing else tells that a batch has messages to send again.
    const reopened = await this.db.transaction(async (tx) => reopenRequeued(tx, await foldDeltas(tx)));
    for (const batch of reopened) this.board.changed(batch);
    await this.cancelOn();
    for (const batch of await this.db.transaction((tx) => completeBatches(tx, new Date()))) this.board.changed(batch);
  }

  private async move(caller: Caller, id: string, from: BatchStatus[], to: BatchStatus, action: string): Promise<BatchRow> {
    const found = await this.find(caller, id);
    if (!found) throw new Refusal('NOT_FOUND', 'There is no such batch.', ['id']);
    const moved = await this.db.transaction(async (tx) => {
      const row = await moveBatch(tx, caller.tenantId, id, from, to);
      if (row) await this.audit.record(tx, caller, { action, subject: `batch:${id}` });
      return row;
    });
    if (!moved) throw new Refusal(to === 'CANCELLED' ? 'NOT_CANCELLABLE' : 'CONFLICT', `The batch is ${found.status}.`, ['id']);
    this.board.changed(moved);
    return moved;
  }

  /** The cancelled batches in turn, so that a small one does not wait for a large one. */
  private async cancelOn(): Promise<void> {
    const until = Date.now() + CANCELLING_MS;
    for (const [id, restsUntil] of this.restingUntil) if (restsUntil <= Date.now()) this.restingUntil.delete(id);
    let open = (await openCancelled(this.db.sql)).filter((id) => !this.restingUntil.has(id));
    // Another process may have ended what was begun here.
    for (const id of this.cancelledUpTo.keys()) if (!open.includes(id)) this.cancelledUpTo.delete(id);
    while (open.length > 0 && Date.now() < until) {
      const left: string[] = [];
      for (const id of open) if (await this.cancelSome(id)) left.push(id);
      open = left;
    }
  }

  /** False at the end of a walk: what it has passed over is for the next one. */
  private async cancelSome(batchId: string): Promise<boolean> {
    const began = Date.now();
    const after = this.cancelledUpTo.get(batchId) ?? null;
    const last = (await this.change((tx) => lockUnsent(tx, batchId, after, CANCEL_CHUNK), cancelledBy(null))).at(-1);
    if (last) {
      this.cancelledUpTo.set(batchId, last.id);
      return true;
    }
    this.cancelledUpTo.delete(batchId);
    const closed = await closeCancelled(this.db.sql, batchId, new Date());
    if (!closed) return false;
    this.board.changed(closed);
    // It is open again whenever something comes back, and that may be each second for an hour.
    const tookMs = Date.now() - began;
    if (tookMs > LONG_CLOSING_MS) this.restingUntil.set(batchId, Date.now() + REST_FACTOR * tookMs);
    return false;
  }

  /** Returns the rows in their order. */
  private async change(
    lock: (tx: Transaction<unknown>) => Promise<MessageRow[]>,
    decide: (row: MessageRow, now: Date) => Change,
  ): Promise<MessageRow[]> {
    const { news, rows } = await this.db.transaction(async (tx) => {
      const locked = await lock(tx);
      const now = new Date();
      const changes = locked.map((row) => decide(row, now));
      return { rows: locked, news: (await applyChanges(tx, changes)).news };
    });
    this.publisher.publish(news);
    return rows;
  }

  private keyOf(tenantId: string, { idempotencyKey, ...input }: SendBulk): IdempotencyKey {
    return { tenantId, operation: 'sendBulk', key: idempotencyKey ?? '', requestHash: this.index.hash(tenantId, canonicalJson(input)) };
  }
}
