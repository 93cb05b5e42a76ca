import type { Transaction } from 'kysely';
import { lockContacts } from '../contacts/contact.queries.js';
import { ownersThen } from '../contacts/former-address.queries.js';
import { Overtaken } from '../contacts/overtaken.js';
import type { Channel } from '../vocabulary.js';
import type { ConsentWithdrawal } from './consent-withdrawal.js';
import type { WithdrawalSource } from './consent.ports.js';
import { takePlacesOfPeople } from './consent.queries.js';

/** A provider refused a message because the person has opted out with it. */
export interface ProviderOptOut {
  tenantId: string;
  channel: Channel;
  /** E.164 number or WhatsApp user id. */
  address: string;
  /** When it was to be sent there: the report may come long after, and the address be somebody else's by then. */
  askedAt: Date;
  /** Who heard of it. */
  by: WithdrawalSource;
}

/** Keeps what providers report as if the person had said it here: whoever sends next must not ask them again. */
export class ProviderOptOuts {
  constructor(private readonly withdrawal: ConsentWithdrawal) {}

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
    const addressHashes = this.withdrawal.hashesOf(
      tenantId,
      group.map(({ address }) => address),
    );
    const asked = addressHashes.map((addressHash, n) => ({ addressHash, at: group[n]?.askedAt ?? at }));
    await takePlacesOfPeople(tx, tenantId, addressHashes);
    const owners = [...new Set((await ownersThen(tx, tenantId, asked)).map(({ id }) => id))];
    const contacts = owners.length > 0 ? await lockContacts(tx, tenantId, owners) : [];
    // The places do not keep those from being merged who have the address no longer.
    if (contacts.length < owners.length) throw new Overtaken();
    const contactIds = contacts.filter(({ erasedAt }) => !erasedAt).map(({ id }) => id);
    return this.withdrawal.stop(tx, { tenantId, addressHashes, contactIds, channel, source: 'PROVIDER', at, by, evidence: null });
  }
}
