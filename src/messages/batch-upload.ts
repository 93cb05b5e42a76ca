import { createHash, randomUUID } from 'node:crypto';
import type { Caller } from '../accounts/caller.js';
import { Refusal, type UserErrorCode } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { MessageAcceptance } from './accept-messages.js';
import { BatchBudget } from './batch-budget.js';
import { insertBatch } from './batch.queries.js';
import type { BatchRow } from './batch.row.js';
import type { BatchRecipients, PreparedRecipients } from './batch-recipients.js';
import {
  addRecipients,
  advanceUpload,
  endUpload,
  extendLease,
  insertChunk,
  insertUpload,
  releaseUpload,
  type ChunkRow,
  type UploadRow,
} from './batch-upload.queries.js';
import { canonicalJson, takeKey, type IdempotencyKey } from './idempotency.js';
import type { SendTerms } from './message-draft.js';
import { actorOf } from './message-event.js';
import type { BatchBoard, TenantSource } from './message.ports.js';
import { withTemplate, type TemplateSource } from './templated-terms.js';
import type { Recipient } from './recipient.js';

/** A line of an uploaded file. */
export interface UploadLine {
  /** Its number in the file, from 1. */
  line: number;
  recipient: Recipient;
  /** Why it is none, although a number may be recognisable. */
  fault: string | null;
}

/** A line whose recipient gets nothing. */
export interface RejectedLine {
  line: number;
  /** As it was given, shortened. */
  to: string;
  code: UserErrorCode;
  message: string;
}

/** What uploads work with. */
export interface UploadServices {
  db: Database;
  tenants: TenantSource;
  recipients: BatchRecipients;
  acceptance: MessageAcceptance;
  index: BlindIndex;
  sealer: Sealer;
  board: BatchBoard;
  templates: TemplateSource;
}

/** What the idempotency key remembers of an upload, for the requests that continue it. */
export type KeptWithKey = Pick<UploadStart, 'templateVersion'>;

/** A batch that is uploaded, as it was found or as it shall begin. */
export interface UploadStart {
  batch: BatchRow;
  terms: SendTerms;
  /** The version that all recipients of the batch get; null without a template. */
  templateVersion: number | null;
  maxCost: string | null;
  key: IdempotencyKey | null;
  holder: string;
  /** Told the batch once some of it is stored. */
  begun: (batchId: string) => void;
  /** What was accepted of it before; null for a new one. */
  earlier: { upload: UploadRow; chunks: ChunkRow[] } | null;
}

const MOST_RECIPIENTS = 1_000_000;
/** As long as an externalId may be: a person is found in it by the whole of it, when they are erased. */
const LONGEST_SHOWN = 255;

const conflict = (message: string): Refusal => new Refusal('CONFLICT', message, ['idempotencyKey']);
export const busy = (): Refusal => conflict('Another upload with this idempotency key is under way.');
const lost = (): Refusal => conflict('The upload was ended, or continued by another request, meanwhile.');

/**
 * One request's work on an uploaded batch: `take` every chunk of the file, in order, then `end`, or `interrupt` when it
 * breaks off. Chunks that were accepted before are compared; others are accepted, each in a transaction of its own.
 */
export class BatchUpload {
  private readonly budget: BatchBudget;
  private readonly holder: string;
  private stored: boolean;
  private position = 0;
  private lastLine = 0;
  private storing: Promise<void> = Promise.resolve();

  constructor(
    private readonly services: UploadServices,
    private readonly caller: Caller,
    private readonly start: UploadStart,
  ) {
    const { earlier, maxCost, holder } = start;
    const { spentAmount, spentCurrency } = earlier?.upload ?? {};
    this.budget = new BatchBudget(maxCost, spentAmount && spentCurrency ? { amount: spentAmount, currency: spentCurrency } : null);
    this.holder = holder;
    this.stored = earlier !== null;
    if (earlier) start.begun(start.batch.id);
  }

  /** Returns while the chunk is still being written: the next one is prepared meanwhile. Throws Refusal. */
  async take(chunk: readonly UploadLine[]): Promise<void> {
    const position = this.position + chunk.length;
    const lastLine = chunk.at(-1)?.line ?? this.lastLine;
    const accepted = this.start.earlier?.upload.recipients ?? 0;
    if (this.position < accepted || this.start.earlier?.upload.endedAt) this.compare(chunk, position, lastLine);
    else await this.accept(chunk, { lastRecipient: position, lastLine, digest: this.digestOf(chunk) });
    this.position = position;
    this.lastLine = lastLine;
  }

  /** All has been read: the batch runs. */
  async end(): Promise<void> {
    await this.storing;
    const { earlier, batch } = this.start;
    if (this.position < (earlier?.upload.recipients ?? 0))
      throw conflict('The file has fewer lines than were accepted before with this key.');
    if (earlier?.upload.endedAt) return;
    if (!(await endUpload(this.services.db.sql, batch.id, this.holder))) throw lost();
    this.services.board.changed(batch);
  }

  /** Whoever has the key may continue at once; without one nobody can, and the batch runs with what it has. */
  async interrupt(): Promise<void> {
    await this.storing.catch(() => undefined);
    if (!this.stored) return;
    const { services, start, holder } = this;
    if (start.key) await releaseUpload(services.db.sql, start.batch.id, holder);
    else if (await endUpload(services.db.sql, start.batch.id, holder)) services.board.changed(start.batch);
  }

  /** To be called every few seconds: a slow file keeps its place. */
  async stillHere(): Promise<void> {
    if (this.stored) await extendLease(this.services.db.sql, this.start.batch.id, this.holder);
  }

  private compare(chunk: readonly UploadLine[], position: number, lastLine: number): void {
    const known = this.start.earlier?.chunks.find(({ lastRecipient }) => lastRecipient > this.position);
    if (!known) throw conflict('The file has more lines than were accepted with this key, and that upload has ended.');
    if (known.lastRecipient !== position || !this.digestOf(chunk).equals(known.digest))
      throw conflict(
        `The lines ${this.lastLine + 1} to ${Math.max(lastLine, known.lastLine)} are not those that were accepted before with this key.`,
      );
  }

  private async accept(chunk: readonly UploadLine[], record: ChunkRow): Promise<void> {
    if (record.lastRecipient > MOST_RECIPIENTS)
      throw new Refusal('INVALID_INPUT', 'At most 1,000,000 recipients in one upload; those before are accepted.', ['recipients']);
    const { tenantId } = this.caller;
    const { batch, templateVersion } = this.start;
    const readable = chunk.filter(({ fault }) => fault === null);
    // Asked again for every chunk: a template that was disabled meanwhile ends the upload.
    const { terms, template } = await withTemplate(this.services.templates, tenantId, this.start.terms, templateVersion ?? undefined);
    const tenant = await this.services.tenants.settings(tenantId);
    const context = { tenantId, tenant, terms, template, batchId: batch.id, now: new Date() };
    const prepared = await this.services.recipients.prepare(
      context,
      readable.map(({ recipient }) => recipient),
      this.budget,
    );
    const rejected = rejectedLines(chunk, readable, prepared);
    const { spent } = this.budget;
    try {
      await this.storing;
    } catch (error) {
      prepared.reserved.release();
      throw error;
    }
    this.storing = this.store(record, prepared, rejected, spent).finally(() => prepared.reserved.release());
    // Whoever waits for it next gets the error; until then it must not count as unhandled.
    this.storing.catch(() => undefined);
  }

  private async store(
    record: ChunkRow,
    { rows, checks, reserved }: PreparedRecipients,
    rejected: readonly RejectedLine[],
    spent: BatchBudget['spent'],
  ): Promise<void> {
    const { db, acceptance, sealer, board } = this.services;
    const { batch, key, templateVersion } = this.start;
    const accepted = { rows, checks, source: 'API' as const, actor: actorOf(this.caller), reserved };
    const total = rows.length + rejected.length;
    const sealed = rejected.length > 0 ? sealer.seal(rejected, this.caller.tenantId) : null;
    const written = await db.transaction(async (tx) => {
      if (!this.stored) {
        if (key && (await takeKey(tx, key, batch.id, { templateVersion } satisfies KeptWithKey))) throw busy();
        await insertBatch(tx, batch);
        await insertUpload(tx, { batchId: batch.id, tenantId: batch.tenantId, holder: this.holder, resumable: key !== null });
      }
      if (!(await advanceUpload(tx, { batchId: batch.id, holder: this.holder, recipients: record.lastRecipient, spent }))) throw lost();
      if (!(await addRecipients(tx, batch.id, total, rejected.length))) throw conflict('The batch was cancelled.');
      await insertChunk(tx, batch.id, record, sealed);
      return acceptance.store(tx, accepted);
    });
    this.stored = true;
    this.start.begun(batch.id);
    await acceptance.announce(accepted, written);
    board.changed(batch);
  }

  private digestOf(chunk: readonly UploadLine[]): Buffer {
    return this.services.index.hash(this.caller.tenantId, plainDigest(chunk));
  }
}

/** Of what a chunk says, not of how it was written: order of columns, quotes and line ends may change. */
function plainDigest(chunk: readonly UploadLine[]): string {
  const hash = createHash('sha256');
  for (const { recipient, fault } of chunk) {
    const { to, contactId, externalId, variables, reference, language } = recipient;
    hash.update(JSON.stringify([to, contactId, externalId, canonicalJson(variables), reference, language, fault !== null]));
  }
  return hash.digest('base64');
}

function rejectedLines(chunk: readonly UploadLine[], readable: readonly UploadLine[], { rejected }: PreparedRecipients): RejectedLine[] {
  const unreadable = chunk.flatMap(({ line, recipient, fault }): RejectedLine[] =>
    fault === null
      ? []
      : [{ line, to: shown(recipient.to ?? recipient.contactId ?? recipient.externalId ?? ''), code: 'INVALID_INPUT', message: fault }],
  );
  const refused = rejected.map(({ index, to, code, message }) => ({ line: readable[index]?.line ?? 0, to: shown(to), code, message }));
  return [...unreadable, ...refused].toSorted((a, b) => a.line - b.line);
}

const shown = (to: string): string => (to.length > LONGEST_SHOWN ? `${to.slice(0, LONGEST_SHOWN)}…` : to);

export const newHolder = (): string => randomUUID();
