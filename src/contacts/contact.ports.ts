import type { Transaction } from 'kysely';

/** Two contacts turned out to be one person: what is known of `from` becomes known of `into`. */
export interface Merge {
  tenantId: string;
  from: string;
  into: string;
  at: Date;
  /** Name of who found out. */
  by: string;
}

/** Rows of other features that belong to a contact, and go along when two become one. */
export interface MergedRecords {
  /** Before any row is locked, and once more when both contacts are, with what came meanwhile. */
  prepare?(tx: Transaction<unknown>, tenantId: string, addressHashes: readonly Buffer[]): Promise<void>;
  /** Both contacts are locked. Returns what is to be done after the commit. */
  merge(tx: Transaction<unknown>, merge: Merge, addressHashes: readonly Buffer[]): Promise<() => void>;
}

export interface ContactTenant {
  /** ISO 3166 alpha-2, for numbers typed without a country code. */
  defaultCountry: string | null;
}

export interface ContactTenants {
  settings(tenantId: string): Promise<ContactTenant>;
}
