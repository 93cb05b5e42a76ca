import { createHmac, type KeyObject } from 'node:crypto';

const BYTES = 16;

/**
 * Finds sealed values by exact match: equal values of one tenant have equal hashes, which tell nothing without the key.
 * The key stays the same for ever (openIndexKey): what is known by its hash only, an opt-out, can never be hashed again.
 */
export class BlindIndex {
  constructor(private readonly key: KeyObject) {}

  /** 16 bytes. */
  hash(tenantId: string, value: string): Buffer {
    // The separator keeps ("ab", "c") apart from ("a", "bc").
    return createHmac('sha256', this.key).update(`${tenantId}\0${value}`).digest().subarray(0, BYTES);
  }
}
