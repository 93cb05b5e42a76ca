import { sql, type Kysely } from 'kysely';
import { idFloor } from '../platform/ids.js';

/** Recipients of an upload that got nothing, as they were given: sealed. */
export interface RejectedChunk {
  batchId: string;
  lastRecipient: number;
  rejections: Buffer;
}

/** Of all uploads of the tenant, or those that began in that time, in a fixed order. */
export async function rejectedChunks(
  db: Kysely<unknown>,
  tenantId: string,
  {
    files,
    after,
    limit,
  }: { files?: { from: Date | null; to: Date }; after: Pick<RejectedChunk, 'batchId' | 'lastRecipient'> | null; limit: number },
): Promise<RejectedChunk[]> {
  // The id of a batch has the time at which it was made.
  const among = files
    ? sql`and u.batch_id < ${idFloor(files.to)}::uuid and u.batch_id >= ${idFloor(files.from ?? new Date(0))}::uuid`
    : sql``;
  const later = after ? sql`and (c.batch_id, c.last_recipient) > (${after.batchId}::uuid, ${after.lastRecipient})` : sql``;
  const { rows } = await sql<RejectedChunk>`
    select c.batch_id as "batchId", c.last_recipient as "lastRecipient", c.rejections
    from batch_uploads u join batch_upload_chunks c on c.batch_id = u.batch_id
    where u.tenant_id = ${tenantId} and c.rejections is not null ${among} ${later}
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
