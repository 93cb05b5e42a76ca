import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import type { ContactRow, IdentityRow } from './contact.row.js';

/** What is personal in a row of `contacts`. */
export interface ContactContent {
  name: string | null;
}

export const sealContact = (sealer: Sealer, tenantId: string, { name }: ContactContent): Buffer | null =>
  name === null ? null : sealer.seal({ n: name }, tenantId);

export const openContact = (sealer: Sealer, { sealed, tenantId }: Pick<ContactRow, 'sealed' | 'tenantId'>): ContactContent => ({
  name: sealed ? ((sealer.open(sealed, tenantId) as { n?: string }).n ?? null) : null,
});

export const openAddress = (sealer: Sealer, { sealed, tenantId }: Pick<IdentityRow, 'sealed' | 'tenantId'>): string =>
  sealer.open(sealed, tenantId) as string;

/** Without those that no key opens. */
export const readableAddresses = (sealer: Sealer, identities: readonly IdentityRow[]): string[] =>
  identities.flatMap((identity) => {
    try {
      return openAddress(sealer, identity);
    } catch (error) {
      if (error instanceof UnsealError) return [];
      throw error;
    }
  });
