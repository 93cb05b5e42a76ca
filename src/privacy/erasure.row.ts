/** A row of `erasures`: a person whose data is being destroyed, or has been. */
export interface ErasureRow {
  id: string;
  tenantId: string;
  /** Null where nobody was known by the address. */
  contactId: string | null;
  /** What the person's rows are found by; null once finished. */
  addressHashes: Buffer[] | null;
  /** The names that rejected lines of uploads are found by; null once they are gone. */
  sealed: Buffer | null;
  requestedAt: Date;
  nextAt: Date | null;
  messages: number;
  inboundMessages: number;
  finishedAt: Date | null;
}

/** One that is under way. */
export type OpenErasure = ErasureRow & { addressHashes: Buffer[] };
