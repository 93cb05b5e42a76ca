import type { Transaction } from 'kysely';
import type { ProviderOptOut, ProviderOptOuts } from '../consent/provider-opt-outs.js';
import type { Change } from '../messages/message-changes.js';
import { openContent } from '../messages/message-content.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import { reportedBefore } from './opt-outs.queries.js';

/** Finds among what providers answer that a person has opted out with them. */
export class OptOuts {
  constructor(
    private readonly kept: ProviderOptOuts,
    private readonly sealer: Sealer,
  ) {}

  /** After the changes were applied, in their transaction. Returns what to do after the commit. */
  async record(tx: Transaction<unknown>, changes: readonly Change[]): Promise<() => void> {
    const told = changes.filter(({ note }) => note?.error?.kind === 'OPTED_OUT');
    // What fails no message may be the old report once more, behind the person's START. Or it came too late, and is the first.
    const late = told.filter(({ set }) => set.status === undefined);
    const known = await reportedBefore(
      tx,
      late.map(({ row }) => row.id),
    );
    const news = told.filter((change) => !late.includes(change) || !known.has(change.row.id));
    const optOuts = news.flatMap((change) => this.optOutOf(change) ?? []);
    return optOuts.length > 0 ? this.kept.record(tx, optOuts, new Date()) : () => undefined;
  }

  private optOutOf({ row: { tenantId, channel, sealed, firstAskedAt }, note }: Change): ProviderOptOut | null {
    if (!note || !sealed) return null;
    try {
      return {
        tenantId,
        channel,
        address: openContent(this.sealer, tenantId, sealed).to,
        askedAt: firstAskedAt ?? note.at,
        by: note.source,
      };
    } catch (error) {
      if (error instanceof UnsealError) return null;
      throw error;
    }
  }
}
