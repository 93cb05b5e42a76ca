import type { Caller } from '../accounts/caller.js';
import { seesPersonalData } from '../accounts/rights.js';
import { Refusal } from '../errors.js';
import { inChunks } from '../platform/batching/in-chunks.js';
import { isUuid } from '../platform/ids.js';
import { maskAddress } from '../platform/masking.js';
import { traced } from '../platform/tracing/tracing.js';
import { findBatches } from './batch.queries.js';
import type { BatchRow } from './batch.row.js';
import { checkBatchTerms, sendTermsOf, type BatchTerms } from './batch-terms.js';
import {
  BatchUpload,
  busy,
  newHolder,
  type KeptWithKey,
  type RejectedLine,
  type UploadLine,
  type UploadServices,
  type UploadStart,
} from './batch-upload.js';
import { chunksOf, endAbandoned, findUpload, rejectionsAfter, takeUpload } from './batch-upload.queries.js';
import { canonicalJson, findEarlier, type IdempotencyKey } from './idempotency.js';
import type { ChannelDirectory } from './message.ports.js';
import { newBatch } from './new-batch.js';
import { withTemplate } from './templated-terms.js';

export interface UploadedBatch {
  batch: BatchRow;
  /** The first thousand. */
  rejections: RejectedLine[];
}

/** Recipients that are accepted together. A file cut by count gives the same chunks again, which resuming relies on. */
const CHUNK = 1_000;
const MOST_SHOWN = 1_000;
const BEAT_MS = 10_000;
const PAGE = 10;

/** Batches whose recipients come as a file of any length. */
export class BatchUploadService {
  constructor(
    private readonly services: UploadServices,
    private readonly directory: ChannelDirectory,
  ) {}

  /**
   * Reads `lines` no faster than they can be stored. `begun` is told the batch once there is one. Throws Refusal; what
   * was accepted until then stays accepted, and goes out. CONFLICT: the key was used with other parameters or lines, or by
   * an upload that is under way.
   */
  upload(
    caller: Caller,
    terms: BatchTerms,
    lines: AsyncIterable<readonly UploadLine[]>,
    begun: (batchId: string) => void,
  ): Promise<UploadedBatch> {
    return traced('uploadBatch', { 'tenant.id': caller.tenantId }, () => this.uploadUntraced(caller, terms, lines, begun));
  }

  /** In the order of the file, a few hundred at a time; numbers masked for those who may not see them. Throws Refusal NOT_FOUND. */
  async rejections(caller: Caller, batchId: string): Promise<AsyncGenerator<RejectedLine[], void, undefined>> {
    const upload = isUuid(batchId) ? await findUpload(this.services.db.sql, caller.tenantId, batchId) : null;
    if (!upload) throw new Refusal('NOT_FOUND', 'There is no such upload.', ['id']);
    return this.read(caller, batchId);
  }

  /** Ends uploads whose request is gone and that nobody continues. Running it twice does no harm. */
  async endAbandoned(): Promise<void> {
    for (const batch of await endAbandoned(this.services.db.sql)) this.services.board.changed(batch);
  }

  private async uploadUntraced(
    caller: Caller,
    terms: BatchTerms,
    lines: AsyncIterable<readonly UploadLine[]>,
    begun: (batchId: string) => void,
  ): Promise<UploadedBatch> {
    const chunks = inChunks(lines, CHUNK);
    // Nothing is stored for a file that cannot be read, or has nobody in it.
    const first = await chunks.next();
    if (first.done) throw new Refusal('INVALID_INPUT', 'Name at least one recipient.', ['recipients']);
    const start: UploadStart = { ...(await this.open(caller, terms)), begun };
    const upload = new BatchUpload(this.services, caller, start);
    const beat = setInterval(() => void upload.stillHere().catch(() => undefined), BEAT_MS);
    try {
      await upload.take(first.value);
      for await (const chunk of chunks) await upload.take(chunk);
      await upload.end();
    } catch (error) {
      // What fails here is made good when the lease ends.
      await upload.interrupt().catch(() => undefined);
      throw error;
    } finally {
      clearInterval(beat);
    }
    const [batch = start.batch] = await findBatches(this.services.db.sql, caller.tenantId, [start.batch.id]);
    return { batch, rejections: await this.firstRejections(caller, batch.id) };
  }

  private async open(caller: Caller, batch: BatchTerms): Promise<Omit<UploadStart, 'begun'>> {
    const { sql } = this.services.db;
    const key = batch.idempotencyKey === null ? null : this.keyOf(caller.tenantId, batch.idempotencyKey, batch);
    const holder = newHolder();
    const common = { maxCost: batch.maxCost, key, holder };
    const earlier = key && (await findEarlier(sql, key));
    if (!earlier) {
      const now = new Date();
      const { terms: inForce, template } = await withTemplate(this.services.templates, caller.tenantId, batch);
      const terms = checkBatchTerms(inForce, this.directory, now);
      const row: BatchRow = { ...newBatch(caller.tenantId, inForce, now), status: 'ACCEPTING' };
      return { ...common, terms, templateVersion: template?.version ?? null, batch: row, earlier: null };
    }
    const upload = (await takeUpload(sql, earlier.resultId, holder)) ?? (await findUpload(sql, caller.tenantId, earlier.resultId));
    const [found] = await findBatches(sql, caller.tenantId, [earlier.resultId]);
    if (!upload || !found || (upload.holder !== holder && !upload.endedAt)) throw busy();
    return {
      ...common,
      terms: sendTermsOf(batch),
      // Keys that were taken before this was kept have nothing: then it is what is published now.
      templateVersion: (earlier.detail as KeptWithKey | null)?.templateVersion ?? null,
      batch: found,
      earlier: { upload, chunks: await chunksOf(sql, found.id) },
    };
  }

  private keyOf(tenantId: string, key: string, { idempotencyKey: _key, ...terms }: BatchTerms): IdempotencyKey {
    return { tenantId, operation: 'uploadBatch', key, requestHash: this.services.index.hash(tenantId, canonicalJson(terms)) };
  }

  private async firstRejections(caller: Caller, batchId: string): Promise<RejectedLine[]> {
    const first: RejectedLine[] = [];
    for await (const some of this.read(caller, batchId)) {
      first.push(...some);
      if (first.length >= MOST_SHOWN) break;
    }
    return first.slice(0, MOST_SHOWN);
  }

  private async *read(caller: Caller, batchId: string): AsyncGenerator<RejectedLine[], void, undefined> {
    const shown = seesPersonalData(caller.role) ? (to: string) => to : maskAddress;
    for (let after = 0; ;) {
      const page = await rejectionsAfter(this.services.db.sql, batchId, after, PAGE);
      for (const { rejections, lastRecipient } of page) {
        const lines = this.services.sealer.open(rejections, caller.tenantId) as RejectedLine[];
        yield lines.map((line) => ({ ...line, to: shown(line.to) }));
        after = lastRecipient;
      }
      if (page.length < PAGE) return;
    }
  }
}
