import { createHash, randomBytes } from 'node:crypto';

const SHOWN_CHARACTERS = 6;

/** `hg_<tenant>_<32 random bytes>`: a key that turns up where it should not can be recognised and traced. */
export const newSecret = (tenantSlug: string): string => `hg_${tenantSlug}_${randomBytes(32).toString('base64url')}`;

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** What is shown of a key for ever. Keys that were handed in (BOOTSTRAP_API_KEY) need not name their tenant. */
export function prefixOf(secret: string, tenantSlug: string): string {
  const fixed = `hg_${tenantSlug}_`;
  return secret.slice(0, (secret.startsWith(fixed) ? fixed.length : 'hg_'.length) + SHOWN_CHARACTERS);
}
