import type { Kysely } from 'kysely';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Channel } from '../vocabulary.js';
import { tenantIds, tenantOfAddress } from './inbound-tenant.queries.js';

/** Whom a message is for: tenants of an installation share its numbers, so the number that was written to does not tell. */
export class InboundTenants {
  constructor(
    private readonly db: Kysely<unknown>,
    private readonly index: BlindIndex,
  ) {}

  /** Null only where there is no tenant at all. */
  async of(address: string, channel: Channel, receivedAt: Date): Promise<string | null> {
    const ids = await tenantIds(this.db);
    if (ids.length < 2) return ids[0] ?? null;
    const addresses = ids.map((tenantId) => ({ tenantId, hash: this.index.hash(tenantId, address) }));
    return (await tenantOfAddress(this.db, addresses, channel, receivedAt)) ?? ids[0] ?? null;
  }
}
