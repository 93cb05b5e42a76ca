import { join } from 'node:path';
import type { Config, Secret } from '../config.js';
import { keepFile, keptFile } from '../platform/embedded/kept-file.js';

export interface ShownKey {
  /** The key, or the shell variable that has it. */
  key: string;
  origin: string;
}

/**
 * How to show the ADMIN key at the start. The database has only its hash: a generated key is known at the first start
 * alone, and with the embedded database it is kept in DATA_DIR for the next. One that the operator of a real database
 * gave does not belong into the output of the program, which may be collected and kept.
 */
export async function showAdminKey(config: Config, generated: Secret | null): Promise<ShownKey | null> {
  const own = config.BOOTSTRAP_API_KEY;
  if (config.DATABASE_URL) {
    if (own) return { key: '$BOOTSTRAP_API_KEY', origin: 'as you have set it' };
    return generated && { key: generated.reveal(), origin: 'shown this once: keep it' };
  }
  if (own) return { key: own.reveal(), origin: 'from BOOTSTRAP_API_KEY' };
  const path = join(config.DATA_DIR, 'api-key');
  if (generated) await keepFile(path, generated.reveal());
  const kept = await keptFile(path);
  return kept === null ? null : { key: kept, origin: `kept in ${path}` };
}
