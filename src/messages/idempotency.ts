import { sql, type Kysely, type Transaction } from 'kysely';
import { Refusal } from '../errors.js';
import { toJsonb } from '../platform/database/jsonb.js';
import { newId } from '../platform/ids.js';

export interface IdempotencyKey {
  tenantId: string;
  operation: 'sendMessage' | 'sendBulk' | 'uploadBatch';
  key: string;
  /** Keyed hash of the input. */
  requestHash: Buffer;
}

/** Others are refused before they are stored. */
export const isIdempotencyKey = (key: string): boolean => key.length > 0 && key.length <= 255;

export interface EarlierResult {
  resultId: string;
  detail: unknown;
}

/**
 * Takes the key in the transaction that stores the result, so that both exist or neither. A second call that runs at the
 * same time waits here for the first one's commit. Returns the earlier result, or null when the key is now ours.
 * Throws Refusal CONFLICT when the key was used with other input.
 */
export async function takeKey(
  tx: Transaction<unknown>,
  key: IdempotencyKey,
  resultId: string,
  detail: unknown = null,
): Promise<EarlierResult | null> {
  if (await insertKey(tx, key, resultId, detail)) return null;
  const earlier = await findEarlier(tx, key);
  if (!earlier) throw new Refusal('CONFLICT', 'This idempotency key was used before with other input.', ['idempotencyKey']);
  return earlier;
}

/** False where somebody has it; waits for whoever is storing it. */
async function insertKey(tx: Transaction<unknown>, key: IdempotencyKey, resultId: string, detail: unknown): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into idempotency_keys (tenant_id, operation, key, request_hash, result_id, detail)
    values (${key.tenantId}, ${key.operation}, ${key.key}, ${key.requestHash}, ${resultId}, ${toJsonb(detail)}::jsonb)
    on conflict do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

/** The result of an earlier call with this key and the same input. */
export async function findEarlier(db: Kysely<unknown>, key: IdempotencyKey): Promise<EarlierResult | null> {
  const { rows } = await sql<EarlierResult>`
    select result_id as "resultId", detail from idempotency_keys
    where tenant_id = ${key.tenantId} and operation = ${key.operation} and key = ${key.key}
      and request_hash = ${key.requestHash}`.execute(db);
  return rows[0] ?? null;
}

/**
 * A repeat of an accepted call gets its result even where the input would be refused by now, e.g. after its `expiresAt`:
 * a caller that never saw the first answer must not take the message for lost.
 */
export async function orEarlier<T>(
  db: Kysely<unknown>,
  key: IdempotencyKey | null,
  call: () => Promise<T>,
  resultOf: (earlier: EarlierResult) => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!key || !(error instanceof Refusal)) throw error;
    // Nothing is stored under such a key, and no index takes a very long one: to look for it would fail.
    if (!isIdempotencyKey(key.key)) throw error;
    const earlier = await db.transaction().execute(async (tx) => {
      // Not only read: the first call may be storing its result just now, and this one be refused for the budget that it took.
      // What is thrown gives the key back.
      if (await insertKey(tx, key, newId(), null)) throw error;
      return findEarlier(tx, key);
    });
    if (!earlier) throw error;
    return resultOf(earlier);
  }
}

/** The same text for the same input, whatever order its fields came in. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner) && !(inner instanceof Date)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
