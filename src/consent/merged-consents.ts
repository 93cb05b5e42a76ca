import type { Transaction } from 'kysely';
import type { Merge, MergedRecords } from '../contacts/contact.ports.js';
import { identitiesOf } from '../contacts/contact.queries.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { openProof } from './consent-chain.js';
import { applyConsentChanges, type ConsentChange } from './consent-changes.js';
import type { ConsentWithdrawal } from './consent-withdrawal.js';
import { consentsOf, deleteConsents, keepChainEnd, takePlaces, type StatedConsent } from './consent.queries.js';
import { isOwnWord, stateAt, type ConsentState } from './consent.row.js';
import { moveOptIns } from './opt-in.queries.js';
import { mergePreferences } from './preference.queries.js';

/** Of two people who turn out to be one, what forbids more is kept: one withdrawal withdraws for both. */
const STRENGTH: readonly ConsentState[] = ['NONE', 'PENDING', 'GRANTED', 'WITHDRAWN'];

/** Each contact's own history stays as it is; what the other one adds is written at the end of the survivor's. */
export class MergedConsents implements MergedRecords {
  constructor(
    private readonly sealer: Sealer,
    private readonly withdrawal: ConsentWithdrawal,
  ) {}

  prepare(tx: Transaction<unknown>, tenantId: string, addressHashes: readonly Buffer[]): Promise<void> {
    return takePlaces(tx, tenantId, addressHashes);
  }

  async merge(tx: Transaction<unknown>, merge: Merge): Promise<() => void> {
    const { tenantId, from, into, at } = merge;
    const consents = await consentsOf(tx, tenantId, [from, into]);
    const theirs = consents.filter(({ contactId }) => contactId === from);
    const own = consents.filter(({ contactId }) => contactId === into);
    const changes = theirs.flatMap((consent) => this.changeBy(consent, own, merge));
    await applyConsentChanges(tx, this.sealer, tenantId, changes);
    await keepChainEnd(tx, tenantId, from);
    await deleteConsents(tx, tenantId, from);
    await mergePreferences(tx, merge);
    await moveOptIns(tx, merge);
    const addressHashes = (await identitiesOf(tx, tenantId, [from, into])).map(({ addressHash }) => addressHash);
    const withdrawn = (await consentsOf(tx, tenantId, [into])).filter(({ state }) => state === 'WITHDRAWN');
    const publish: (() => void)[] = [];
    for (const [channel, some] of Map.groupBy(withdrawn, (consent) => consent.channel)) {
      const source = some[0]?.source ?? 'API';
      const stopped = { tenantId, addressHashes, channels: [channel], source, at, by: 'API' as const };
      const categories = some.map(({ category }) => category);
      publish.push(await this.withdrawal.stopMessages(tx, stopped, categories));
    }
    return () => publish.forEach((told) => told());
  }

  private changeBy(theirs: StatedConsent, own: readonly StatedConsent[], { from, into, at, by }: Merge): ConsentChange[] {
    const { channel, category, source, expiresAt } = theirs;
    const same = own.find((consent) => consent.channel === channel && consent.category === category);
    const to = stateAt(theirs, at);
    const mine = same ? stateAt(same, at) : 'NONE';
    // Of two withdrawals the one that START does not take back.
    const outlasts = to === 'WITHDRAWN' && mine === 'WITHDRAWN' && !isOwnWord(source);
    if (STRENGTH.indexOf(to) <= STRENGTH.indexOf(mine) && !outlasts) return [];
    const known = openProof(this.sealer, theirs);
    const proof = {
      statement: known?.statement ?? null,
      evidence: { mergedFrom: from, event: theirs.eventId },
      ip: null,
      userAgent: null,
    };
    return [{ contactId: into, channel, category, to, source: source ?? 'API', actor: by, at, expiresAt, proof }];
  }
}
