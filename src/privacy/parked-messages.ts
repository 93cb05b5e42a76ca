import type { Transaction } from 'kysely';
import type { JournalledMessage } from '../delivery/delivery.ports.js';
import type { IncomingMessage } from '../delivery/provider.js';
import { requestRedactions } from '../delivery/redaction.queries.js';
import { blankParked, parkedIncoming, type ParkedIncoming } from '../delivery/webhook-journal.queries.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import { countErased } from './erasure.queries.js';
import type { OpenErasure } from './erasure.row.js';

const PAGE = 500;

export interface ParkedServices {
  db: Database;
  sealer: Sealer;
  index: BlindIndex;
  inbound: { forget(entry: JournalledMessage): Promise<void> };
  providers: { canRedact(provider: string): boolean };
}

/** What people wrote and nobody has applied yet: only the journal has it, and only opened does it tell of whom it is. */
export class ParkedMessages {
  constructor(private readonly services: ParkedServices) {}

  async erase(erasure: OpenErasure): Promise<void> {
    const { db, inbound } = this.services;
    for (let after: string | null = null, isMore = true; isMore;) {
      const page: ParkedIncoming[] = await parkedIncoming(db.sql, erasure.requestedAt, after, PAGE);
      for (const entry of page) {
        const message = this.messageOf(entry, erasure);
        if (message) await inbound.forget({ ...entry, message, settle: (tx) => this.blank(tx, erasure, entry) });
      }
      after = page.at(-1)?.id ?? null;
      isMore = page.length === PAGE;
    }
  }

  /** Null where it is somebody else's, or where its key is missing: then nobody will apply it either. */
  private messageOf({ sealed, provider }: ParkedIncoming, { tenantId, addressHashes }: OpenErasure): IncomingMessage | null {
    const { sealer, index } = this.services;
    try {
      const { incoming } = sealer.open(sealed, provider) as { incoming: IncomingMessage };
      const hash = index.hash(tenantId, incoming.from);
      return addressHashes.some((theirs) => theirs.equals(hash)) ? incoming : null;
    } catch (error) {
      if (error instanceof UnsealError) return null;
      throw error;
    }
  }

  private async blank(tx: Transaction<unknown>, erasure: OpenErasure, { id, ...message }: ParkedIncoming): Promise<boolean> {
    if (!(await blankParked(tx, id))) return false;
    if (this.services.providers.canRedact(message.provider)) await requestRedactions(tx, erasure.tenantId, [message], new Date());
    await countErased(tx, erasure, { inboundMessages: 1 });
    return true;
  }
}
