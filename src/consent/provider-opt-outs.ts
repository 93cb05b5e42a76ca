import type { Transaction } from 'kysely';
import { contactsOfHashes, lockContacts } from '../contacts/contact.queries.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { applyConsentChanges } from './consent-changes.js';
import type { ConsentWithdrawal } from './consent-withdrawal.js';
import type { WithdrawalSource } from './consent.ports.js';
import { consentsOf, takePlaces } from './consent.queries.js';

/** A provider refused a message because the person has opted out with it. */
export interface ProviderOptOut {
  tenantId: string;
  channel: Channel;
  /** E.164 number or WhatsApp user id. */
  address: string;
  /** Who heard of it. */
  by: WithdrawalSource;
}

/** Those that a consent is asked for. */
const CONSENTED: readonly MessageCategory[] = ['UTILITY', 'MARKETING'];

/** Keeps what providers report as if the person had said it here: whoever sends next must not ask them again. */
export class ProviderOptOuts {
  constructor(
    private readonly sealer: Sealer,
    private readonly withdrawal: ConsentWithdrawal,
  ) {}

  /** Returns what to do after the commit. */
  async record(tx: Transaction<unknown>, optOuts: readonly ProviderOptOut[], at: Date): Promise<() => void> {
    const done: (() => void)[] = [];
    const groups = Map.groupBy(optOuts, ({ tenantId, channel, by }) => `${tenantId} ${channel} ${by}`);
    // In their order, as all who take places of several tenants do.
    for (const [, group] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) done.push(await this.recordOf(tx, group, at));
    return () => {
      for (const publish of done) publish();
    };
  }

  private async recordOf(tx: Transaction<unknown>, group: readonly ProviderOptOut[], at: Date): Promise<() => void> {
    const [first] = group;
    if (!first) return () => undefined;
    const { tenantId, channel, by } = first;
    const addressHashes = this.withdrawal.hashesOf(tenantId, [...new Set(group.map(({ address }) => address))]);
    await takePlaces(tx, tenantId, addressHashes);
    await this.withdrawConsents(tx, tenantId, addressHashes, channel, at);
    await this.withdrawal.block(tx, tenantId, addressHashes, [{ channel, category: '*' }], { source: 'PROVIDER', at });
    return this.withdrawal.stopMessages(tx, { tenantId, addressHashes, channels: [channel], source: 'PROVIDER', at, by }, null);
  }

  private async withdrawConsents(
    tx: Transaction<unknown>,
    tenantId: string,
    addressHashes: readonly Buffer[],
    channel: Channel,
    at: Date,
  ): Promise<void> {
    const known = await contactsOfHashes(tx, tenantId, addressHashes);
    if (known.length === 0) return;
    const contacts = await lockContacts(tx, tenantId, [...new Set(known.map(({ id }) => id))]);
    const ids = contacts.filter(({ erasedAt }) => !erasedAt).map(({ id }) => id);
    const open = (await consentsOf(tx, tenantId, ids)).filter(
      (consent) => consent.channel === channel && (consent.state === 'GRANTED' || consent.state === 'PENDING'),
    );
    const proof = { statement: null, evidence: null, ip: null, userAgent: null };
    const change = { channel, to: 'WITHDRAWN' as const, source: 'PROVIDER' as const, actor: null, at, expiresAt: null, proof };
    const changes = ids.flatMap((contactId) => {
      const agreed = open.filter((consent) => consent.contactId === contactId).map(({ category }) => category);
      return [...new Set([...CONSENTED, ...agreed])].map((category) => ({ ...change, contactId, category }));
    });
    await applyConsentChanges(tx, this.sealer, tenantId, changes);
  }
}
