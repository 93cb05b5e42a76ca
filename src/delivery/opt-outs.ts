import type { Transaction } from 'kysely';
import type { ProviderOptOut, ProviderOptOuts } from '../consent/provider-opt-outs.js';
import type { Change } from '../messages/message-changes.js';
import { openContent } from '../messages/message-content.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';

/** Finds among what providers answer that a person has opted out with them. */
export class OptOuts {
  constructor(
    private readonly kept: ProviderOptOuts,
    private readonly sealer: Sealer,
  ) {}

  /** After the changes were applied, in their transaction. Returns what to do after the commit. */
  async record(tx: Transaction<unknown>, changes: readonly Change[]): Promise<() => void> {
    const optOuts = changes.flatMap((change) => this.optOutOf(change) ?? []);
    return optOuts.length > 0 ? this.kept.record(tx, optOuts, new Date()) : () => undefined;
  }

  private optOutOf({ row: { tenantId, channel, sealed }, note }: Change): ProviderOptOut | null {
    if (note?.error?.kind !== 'OPTED_OUT' || !sealed) return null;
    try {
      return { tenantId, channel, address: openContent(this.sealer, tenantId, sealed).to, by: note.source };
    } catch (error) {
      if (error instanceof UnsealError) return null;
      throw error;
    }
  }
}
