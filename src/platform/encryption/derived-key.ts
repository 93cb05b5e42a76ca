import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** One of the configured ENCRYPTION_KEYs: 64 hexadecimal digits. */
export interface MasterKey {
  reveal(): string;
}

export interface DerivedKey {
  /** 8 hexadecimal digits that name the key and tell nothing about it. */
  id: string;
  key: KeyObject;
}

/** A separate key for each use, so that what one use reveals (equal hashes, say) is worth nothing to another. */
export function deriveKey(master: MasterKey, use: string): DerivedKey {
  const bytes = Buffer.from(hkdfSync('sha256', Buffer.from(master.reveal(), 'hex'), '', `heliograph ${use}`, 32));
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), key: createSecretKey(bytes) };
}
