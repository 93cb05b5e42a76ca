import { createHmac, type KeyObject } from 'node:crypto';
import { deriveKey, type MasterKey } from './derived-key.js';

const BYTES = 16;

/** Finds sealed values by exact match: equal values of one tenant have equal hashes, which tell nothing without the key. */
export class BlindIndex {
  readonly #newest: KeyObject;
  readonly #keys: readonly KeyObject[];

  /** Keys newest first. */
  constructor(masterKeys: readonly MasterKey[]) {
    this.#keys = masterKeys.map((master) => deriveKey(master, 'blind index').key);
    const newest = this.#keys[0];
    if (!newest) throw new Error('A BlindIndex needs at least one key.');
    this.#newest = newest;
  }

  /** Rows may still have hashes of an older key. */
  get isRotating(): boolean {
    return this.#keys.length > 1;
  }

  /** To store: 16 bytes by the newest key. */
  hash(tenantId: string, value: string): Buffer {
    return hashWith(this.#newest, tenantId, value);
  }

  /** To look up: by every key, since rows keep the hash of the key they were written with. */
  hashes(tenantId: string, value: string): Buffer[] {
    return this.#keys.map((key) => hashWith(key, tenantId, value));
  }
}

// The separator keeps ("ab", "c") apart from ("a", "bc").
const hashWith = (key: KeyObject, tenantId: string, value: string): Buffer =>
  createHmac('sha256', key).update(`${tenantId}\0${value}`).digest().subarray(0, BYTES);
