import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { deriveKey, type MasterKey } from './derived-key.js';
import { findKey, hasHashes, keepKey } from './keyring.queries.js';
import type { Sealer } from './sealer.js';

const NAME = 'blind index';
const KEY_BYTES = 32;

/** What the keys of the keyring are sealed for. */
export const KEYRING_CONTEXT = 'keyring';

/**
 * The key of the blind index: made by the first process that asks, kept sealed in the database, and never changed.
 * Throws UnsealError where none of the ENCRYPTION_KEYs opens it.
 */
export async function openIndexKey(db: Kysely<unknown>, sealer: Sealer, masterKeys: readonly MasterKey[]): Promise<KeyObject> {
  const kept = (await findKey(db, NAME)) ?? (await makeKey(db, sealer, masterKeys));
  return createSecretKey(Buffer.from(sealer.open(kept, KEYRING_CONTEXT) as string, 'base64'));
}

async function makeKey(db: Kysely<unknown>, sealer: Sealer, masterKeys: readonly MasterKey[]): Promise<Buffer> {
  const oldest = masterKeys.at(-1);
  // A database of before the keyring has hashes by a key that was derived.
  const key = oldest && (await hasHashes(db)) ? deriveKey(oldest, NAME).key.export() : randomBytes(KEY_BYTES);
  await keepKey(db, NAME, sealer.seal(key.toString('base64'), KEYRING_CONTEXT));
  const kept = await findKey(db, NAME);
  if (!kept) throw new Error('The key of the blind index could not be kept.');
  return kept;
}
