import { sql, type Kysely, type Transaction } from 'kysely';
import type { Money } from '../vocabulary.js';

/** How far the recipients of a batch have been read. */
export interface UploadRow {
  batchId: string;
  /** The request that works on it, or did last. */
  holder: string;
  recipients: number;
  spentAmount: string | null;
  spentCurrency: string | null;
  endedAt: Date | null;
}

/** Recipients that were accepted together, in the order of the file. */
export interface ChunkRow {
  /** Position of its last recipient, from 1. */
  lastRecipient: number;
  lastLine: number;
  digest: Buffer;
}

const LEASE = sql.raw(`interval '30 seconds'`);
const uploadColumns = sql.raw(
  `u.batch_id as "batchId", u.holder, u.recipients, u.spent_amount as "spentAmount", u.spent_currency as "spentCurrency", u.ended_at as "endedAt"`,
);

export async function insertUpload(
  tx: Transaction<unknown>,
  upload: { batchId: string; tenantId: string; holder: string; resumable: boolean },
): Promise<void> {
  const { batchId, tenantId, holder, resumable } = upload;
  await sql`
    insert into batch_uploads (batch_id, tenant_id, resumable, holder, lease_until)
    values (${batchId}, ${tenantId}, ${resumable}, ${holder}, now() + ${LEASE})`.execute(tx);
}

export async function findUpload(db: Kysely<unknown>, tenantId: string, batchId: string): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    select ${uploadColumns} from batch_uploads u where u.batch_id = ${batchId} and u.tenant_id = ${tenantId}`.execute(db);
  return rows[0] ?? null;
}

/** Null while another request holds it, and when it has ended. */
export async function takeUpload(db: Kysely<unknown>, batchId: string, holder: string): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    update batch_uploads u set holder = ${holder}, lease_until = now() + ${LEASE}
    where u.batch_id = ${batchId} and u.ended_at is null and u.lease_until <= now() returning ${uploadColumns}`.execute(db);
  return rows[0] ?? null;
}

export async function extendLease(db: Kysely<unknown>, batchId: string, holder: string): Promise<void> {
  await sql`
    update batch_uploads set lease_until = now() + ${LEASE} where batch_id = ${batchId} and holder = ${holder} and ended_at is null`.execute(
    db,
  );
}

/** Others may continue it from now on. */
export async function releaseUpload(db: Kysely<unknown>, batchId: string, holder: string): Promise<void> {
  await sql`update batch_uploads set lease_until = now() where batch_id = ${batchId} and holder = ${holder} and ended_at is null`.execute(
    db,
  );
}

/** False when somebody else has taken the upload meanwhile. */
export async function advanceUpload(
  tx: Transaction<unknown>,
  { batchId, holder, recipients, spent }: { batchId: string; holder: string; recipients: number; spent: Money | null },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update batch_uploads set recipients = ${recipients}, spent_amount = ${spent?.amount ?? null}, spent_currency = ${spent?.currency ?? null},
      lease_until = now() + ${LEASE}
    where batch_id = ${batchId} and holder = ${holder} and ended_at is null`.execute(tx);
  return numAffectedRows === 1n;
}

/** Locks the batch until the transaction ends, so that a cancellation comes before or after. False once it is cancelled. */
export async function addRecipients(tx: Transaction<unknown>, batchId: string, total: number, rejected: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update batches set total = total + ${total}, rejected = rejected + ${rejected}
    where id = ${batchId} and status <> 'CANCELLED'`.execute(tx);
  return numAffectedRows === 1n;
}

export async function insertChunk(tx: Transaction<unknown>, batchId: string, chunk: ChunkRow, rejections: Buffer | null): Promise<void> {
  await sql`
    insert into batch_upload_chunks (batch_id, last_recipient, last_line, digest, rejections)
    values (${batchId}, ${chunk.lastRecipient}, ${chunk.lastLine}, ${chunk.digest}, ${rejections})`.execute(tx);
}

/** All of them: a thousand for a million recipients. */
export async function chunksOf(db: Kysely<unknown>, batchId: string): Promise<ChunkRow[]> {
  const { rows } = await sql<ChunkRow>`
    select last_recipient as "lastRecipient", last_line as "lastLine", digest from batch_upload_chunks
    where batch_id = ${batchId} order by last_recipient`.execute(db);
  return rows;
}

/** The next few sealed groups of rejections, in the order of the file. */
export async function rejectionsAfter(
  db: Kysely<unknown>,
  batchId: string,
  lastRecipient: number,
  limit: number,
): Promise<{ lastRecipient: number; rejections: Buffer }[]> {
  const { rows } = await sql<{ lastRecipient: number; rejections: Buffer }>`
    select last_recipient as "lastRecipient", rejections from batch_upload_chunks
    where batch_id = ${batchId} and last_recipient > ${lastRecipient} and rejections is not null
    order by last_recipient limit ${limit}`.execute(db);
  return rows;
}

/** The batch runs with the recipients it has; one without any that can be sent to is over. */
const RELEASE_BATCH = sql.raw(`
  update batches b set uploading = false,
    status = case when b.status <> 'ACCEPTING' then b.status when b.total = b.rejected then 'COMPLETED' else 'RUNNING' end,
    completed_at = case when b.status = 'ACCEPTING' and b.total = b.rejected then now() else b.completed_at end
  from ended where b.id = ended.batch_id
  returning b.id, b.tenant_id as "tenantId"`);

export async function endUpload(db: Kysely<unknown>, batchId: string, holder: string): Promise<boolean> {
  const { rows } = await sql`
    with ended as (
      update batch_uploads set ended_at = now(), lease_until = now()
      where batch_id = ${batchId} and holder = ${holder} and ended_at is null returning batch_id)
    ${RELEASE_BATCH}`.execute(db);
  return rows.length === 1;
}

/** Those whose request is gone: at once where nobody can continue them, otherwise after a day. Returns their batches. */
export async function endAbandoned(db: Kysely<unknown>): Promise<{ id: string; tenantId: string }[]> {
  const { rows } = await sql<{ id: string; tenantId: string }>`
    with ended as (
      update batch_uploads set ended_at = now()
      where ended_at is null and lease_until < now() - case when resumable then interval '1 day' else interval '0' end returning batch_id)
    ${RELEASE_BATCH}`.execute(db);
  return rows;
}
