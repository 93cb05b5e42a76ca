import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { RandomPool } from '../random-pool.js';
import { deriveKey, type MasterKey } from './derived-key.js';

const VERSION = 1;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const BODY_AT = HEADER_BYTES + IV_BYTES + TAG_BYTES;

/** A sealed value that cannot be opened. The message never holds any of it. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

/**
 * Encrypts what is stored about people: AES-256-GCM over JSON.
 * Layout: version (1 byte), key id (4), IV (12), tag (16), ciphertext.
 * A key is good for 2^32 values, because its IVs are random; rotate it before.
 */
export class Sealer {
  readonly #newest: { header: Buffer; key: KeyObject };
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #ivs = new RandomPool(IV_BYTES);

  /** Keys newest first: the first seals, all open. */
  constructor(masterKeys: readonly MasterKey[]) {
    const derived = masterKeys.map((master) => deriveKey(master, 'seal'));
    const newest = derived[0];
    if (!newest) throw new Error('A Sealer needs at least one key.');
    this.#newest = { header: Buffer.concat([Buffer.of(VERSION), Buffer.from(newest.id, 'hex')]), key: newest.key };
    this.#keys = new Map(derived.map(({ id, key }) => [id, key]));
  }

  /** `context` is not stored: only who gives the same one (the tenant id) can open the value. */
  seal(plain: string | object, context: string): Buffer {
    return this.#encrypt(JSON.stringify(plain), context);
  }

  /** The key that seals: 4 bytes, as they stand in what it sealed from the second byte on. */
  get newestKey(): Buffer {
    return this.#newest.header.subarray(1);
  }

  /** The same value under the newest key; null where it is already. Throws as `open` does. */
  reseal(sealed: Uint8Array, context: string): Buffer | null {
    const bytes = asBuffer(sealed);
    return bytes.subarray(0, HEADER_BYTES).equals(this.#newest.header) ? null : this.#encrypt(this.#decrypt(bytes, context), context);
  }

  /** What was sealed. Throws UnsealError when it was changed, has another context, or its key is not configured. */
  open(sealed: Uint8Array, context: string): unknown {
    return JSON.parse(this.#decrypt(asBuffer(sealed), context)) as unknown;
  }

  #encrypt(text: string, context: string): Buffer {
    const iv = this.#ivs.next();
    const cipher = createCipheriv('aes-256-gcm', this.#newest.key, iv);
    cipher.setAAD(Buffer.from(context));
    const body = cipher.update(text, 'utf8');
    cipher.final();
    return Buffer.concat([this.#newest.header, iv, cipher.getAuthTag(), body]);
  }

  #decrypt(bytes: Buffer, context: string): string {
    if (bytes.length < BODY_AT || bytes[0] !== VERSION) throw new UnsealError('This is not a sealed value.');
    const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(bytes), bytes.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(HEADER_BYTES + IV_BYTES, BODY_AT));
    const text = decipher.update(bytes.subarray(BODY_AT), undefined, 'utf8');
    try {
      return text + decipher.final('utf8');
    } catch {
      throw new UnsealError('A sealed value was changed, or was sealed for another tenant.');
    }
  }

  #keyOf(sealed: Buffer): KeyObject {
    const id = sealed.toString('hex', 1, HEADER_BYTES);
    const key = this.#keys.get(id);
    if (!key)
      throw new UnsealError(`No key ${id}: it has been rotated away and is missing from ENCRYPTION_KEY. Add it at the end, after a comma.`);
    return key;
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
