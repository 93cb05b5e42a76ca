import { sql, type Kysely } from 'kysely';

/** Recipients of an upload that got nothing, as they were given: sealed. */
export interface RejectedChunk {
  batchId: string;
  lastRecipient: number;
  rejections: Buffer;
}

/** Of all uploads of the tenant, in a fixed order. */
export async function rejectedChunks(
  db: Kysely<unknown>,
  tenantId: string,
  after: Pick<RejectedChunk, 'batchId' | 'lastRecipient'> | null,
  limit: number,
): Promise<RejectedChunk[]> {
  const later = after ? sql`and (c.batch_id, c.last_recipient) > (${after.batchId}::uuid, ${after.lastRecipient})` : sql``;
  const { rows } = await sql<RejectedChunk>`
    select c.batch_id as "batchId", c.last_recipient as "lastRecipient", c.rejections
    from batch_uploads u join batch_upload_chunks c on c.batch_id = u.batch_id
    where u.tenant_id = ${tenantId} and c.rejections is not null ${later}
    order by c.batch_id, c.last_recipient limit ${limit}`.execute(db);
  return rows;
}

/** Unless it has been changed meanwhile: then it is read again. */
export async function replaceRejections(
  db: Kysely<unknown>,
  tenantId: string,
  { batchId, lastRecipient, rejections }: RejectedChunk,
  replaced: Buffer,
): Promise<boolean> {
  const { rows } = await sql`
    update batch_upload_chunks c set rejections = ${replaced} from batch_uploads u
    where u.batch_id = c.batch_id and u.tenant_id = ${tenantId} and c.batch_id = ${batchId} and c.last_recipient = ${lastRecipient}
      and c.rejections = ${rejections} returning c.batch_id`.execute(db);
  return rows.length > 0;
}
