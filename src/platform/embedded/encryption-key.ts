import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { EmbeddedError } from './embedded-error.js';
import { keptFile, keptOnce } from './kept-file.js';

const pathIn = (dataDir: string): string => join(dataDir, 'encryption.key');

/** Made before the embedded database: a database that has lost its key must never be taken for a new one. */
export async function createEncryptionKey(dataDir: string): Promise<void> {
  await keptOnce(pathIn(dataDir), () => randomBytes(32).toString('hex'));
}

/** 64 hexadecimal digits. Throws EmbeddedError when the key has been lost. */
export async function readEncryptionKey(dataDir: string): Promise<string> {
  const key = await keptFile(pathIn(dataDir));
  if (key !== null) return key;
  throw new EmbeddedError(
    `${pathIn(dataDir)} is missing, and without it the numbers and bodies in the embedded database are unreadable. Put it back, or set ENCRYPTION_KEY to what it held, or delete ${dataDir} to begin anew.`,
  );
}
