import { createHash, randomBytes } from 'node:crypto';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { ConsentEventRow } from './consent.row.js';

/** What is personal in an event. */
export interface ConsentProof {
  statement: string | null;
  evidence: Record<string, unknown> | null;
  ip: string | null;
  userAgent: string | null;
}

/** An event without what the chain adds to it. */
export type ChainedFields = Omit<ConsentEventRow, 'sealed' | 'hash'>;

const SALT_BYTES = 16;
/** Before a contact's first event. */
export const CHAIN_START: Buffer = Buffer.alloc(32);

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The text that is sealed is the text that is digested, to the last character: a value encrypted again has the same digest. */
export function sealProof(sealer: Sealer, tenantId: string, proof: ConsentProof): { sealed: Buffer; sealedDigest: Buffer } {
  const text = JSON.stringify({ ...proof, salt: randomBytes(SALT_BYTES).toString('base64url') });
  return { sealed: sealer.seal(text, tenantId), sealedDigest: sha256(text) };
}

const textOf = (sealer: Sealer, { sealed, tenantId }: Pick<ConsentEventRow, 'sealed' | 'tenantId'>): string | null =>
  sealed === null ? null : (sealer.open(sealed, tenantId) as string);

/** Null once erased. */
export function openProof(sealer: Sealer, event: Pick<ConsentEventRow, 'sealed' | 'tenantId'>): ConsentProof | null {
  const text = textOf(sealer, event);
  return text === null ? null : (JSON.parse(text) as ConsentProof);
}

/** The hash of an event covers the one before it and every column but `sealed`, for which its digest stands. */
export const chainHash = (previous: Buffer, event: ChainedFields): Buffer =>
  sha256(
    previous,
    JSON.stringify([
      1,
      event.id,
      event.tenantId,
      event.contactId,
      event.sequence,
      event.channel,
      event.category,
      event.fromState,
      event.toState,
      event.source,
      event.actor,
      event.at.toISOString(),
      event.expiresAt?.toISOString() ?? null,
      event.sealedDigest.toString('hex'),
    ]),
  );

/** Follows one contact's chain from its beginning. */
export class ChainCheck {
  private previous: Buffer = CHAIN_START;
  private sequence = 0;
  private whole = true;

  constructor(private readonly sealer: Sealer) {}

  /** Whether this event and all before it are as they were written. */
  next(event: ConsentEventRow): boolean {
    this.whole &&= event.sequence === ++this.sequence && chainHash(this.previous, event).equals(event.hash) && this.proves(event);
    this.previous = event.hash;
    return this.whole;
  }

  private proves(event: ConsentEventRow): boolean {
    try {
      const text = textOf(this.sealer, event);
      return text === null || sha256(text).equals(event.sealedDigest);
    } catch {
      return false;
    }
  }
}
