import type { Transaction } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import { identitiesOf, lockSurvivor } from '../contacts/contact.queries.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactRef, ContactService } from '../contacts/contact.service.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Channel } from '../vocabulary.js';
import { ChainCheck, type ConsentProof } from './consent-chain.js';
import { applyConsentChanges } from './consent-changes.js';
import { checkConsent, type ConsentInput } from './consent-terms.js';
import type { ConsentWithdrawal } from './consent-withdrawal.js';
import type { WithdrawalSource } from './consent.ports.js';
import {
  consentsOf,
  historyOf,
  liftSuppressions,
  suppressionsOf,
  takePlaces,
  takePlacesOfPeople,
  type PersonEvent,
  type StatedConsent,
} from './consent.queries.js';
import { isOwnWord, type ConsentSource } from './consent.row.js';
import { liftStops, stopsOf } from './stops.queries.js';

/** The person's own word on one channel: a keyword, or an opt-out that the provider reports. */
export interface OwnWord {
  tenantId: string;
  /** Whose address it is; null where nobody is known by it. */
  contactId: string | null;
  /** E.164 number, lower-case email address or WhatsApp user id; null where it is not theirs to speak for any more. */
  address: string | null;
  channel: Channel;
  source: Extract<ConsentSource, 'KEYWORD' | 'PROVIDER'>;
  at: Date;
  /** What was said: kept sealed. */
  evidence?: Record<string, unknown> | null;
}

export interface ConsentResult {
  contact: ContactRow;
  consents: StatedConsent[];
}

export type CheckedEvent = PersonEvent & { verified: boolean };

export const proofOf = (caller: Caller, { statement, evidence }: Pick<ConsentInput, 'statement' | 'evidence'>): ConsentProof => ({
  statement: statement ?? null,
  evidence: evidence ?? null,
  ip: caller.ip,
  userAgent: caller.userAgent,
});

export class ConsentService {
  constructor(
    private readonly db: Database,
    private readonly contacts: ContactService,
    private readonly sealer: Sealer,
    private readonly withdrawal: ConsentWithdrawal,
  ) {}

  /** Also lifts what withdrawals by callers set. Throws Refusal, OPTED_OUT where the person has said STOP; then nothing was changed. */
  async grant(caller: Caller, given: ConsentInput): Promise<ConsentResult> {
    const at = new Date();
    const { channels, categories, source, expiresAt = null, ...input } = checkConsent(given, at);
    const { tenantId } = caller;
    const found = await this.contacts.get(caller, input.contact, ['contact']);
    return this.db.transaction(async (tx) => {
      const contact = await this.locked(tx, tenantId, found.id);
      await refuseStopped(tx, contact, { channels, categories });
      const change = { contactId: contact.id, to: 'GRANTED' as const, source, actor: caller.name, at, expiresAt };
      const proof = proofOf(caller, input);
      const scope = channels.flatMap((channel) => categories.map((category) => ({ ...change, channel, category, proof })));
      await applyConsentChanges(tx, this.sealer, tenantId, scope);
      await this.lift(tx, contact, { channels, categories });
      return { contact, consents: await consentsOf(tx, tenantId, [contact.id]) };
    });
  }

  /** What waits to be sent becomes SUPPRESSED in the same transaction. Throws Refusal; then nothing was changed. */
  async withdraw(caller: Caller, given: ConsentInput): Promise<ConsentResult> {
    const at = new Date();
    const input = checkConsent({ ...given, expiresAt: null }, at);
    const contact = await this.contacts.get(caller, input.contact, ['contact']);
    return this.withdrawFor(contact.id, { ...input, tenantId: caller.tenantId, actor: caller.name, at, proof: proofOf(caller, input) });
  }

  /** For whoever has found out that this person withdraws. */
  async withdrawFor(
    contactId: string,
    withdrawal: Pick<ConsentInput, 'channels' | 'categories' | 'source'> & {
      tenantId: string;
      actor: string;
      at: Date;
      proof: ConsentProof;
      by?: WithdrawalSource;
    },
  ): Promise<ConsentResult> {
    const { tenantId } = withdrawal;
    const { result, publish } = await this.db.transaction(async (tx) => {
      await takePlaces(tx, tenantId, await addressHashesOf(tx, tenantId, contactId));
      const locked = await this.locked(tx, tenantId, contactId);
      const addressHashes = await addressHashesOf(tx, tenantId, locked.id);
      // Those that came meanwhile; the others are held already.
      await takePlaces(tx, tenantId, addressHashes);
      const done = await this.withdrawal.apply(tx, { by: 'API', ...withdrawal, contactId: locked.id, addressHashes });
      return { result: { contact: locked, consents: await consentsOf(tx, tenantId, [locked.id]) }, publish: done };
    });
    publish();
    return result;
  }

  /**
   * Nothing more on this channel to this address, of any category, and nothing to the person's other addresses that a consent
   * is asked for. In a transaction that has locked nothing of these yet, or that is tried again after a deadlock. Returns what
   * to do after the commit.
   */
  async stop(tx: Transaction<unknown>, word: OwnWord): Promise<() => void> {
    const { tenantId, contactId, address, channel, source, at } = word;
    const addressHashes = this.withdrawal.hashesOf(tenantId, address === null ? [] : [address]);
    await takePlacesOfPeople(tx, tenantId, addressHashes);
    const contactIds = contactId === null ? [] : [(await this.locked(tx, tenantId, contactId)).id];
    const evidence = word.evidence ?? null;
    return this.withdrawal.stop(tx, { tenantId, addressHashes, contactIds, channel, source, at, by: 'CONTACT', evidence });
  }

  /** Takes back what STOP or the provider's opt-out set on this channel: things are as they were before. Returns whether there was any. */
  async start(tx: Transaction<unknown>, word: OwnWord): Promise<boolean> {
    const { tenantId, contactId, address, channel, source, at } = word;
    const hashes = this.withdrawal.hashesOf(tenantId, address === null ? [] : [address]);
    const lifted = await liftSuppressions(tx, tenantId, hashes, { channels: [channel], categories: null, own: true });
    if (contactId === null) return lifted;
    const contact = await this.locked(tx, tenantId, contactId);
    const resumed = await liftStops(tx, tenantId, contact.id, channel);
    // Not of those who were merged into it: what they had agreed to is there as well, where it counted.
    const history = (await historyOf(tx, tenantId, [contact.id])).filter((event) => event.contactId === contact.id);
    const stopped = (await consentsOf(tx, tenantId, [contact.id])).filter(
      (consent) => consent.channel === channel && consent.state === 'WITHDRAWN' && isOwnWord(consent.source),
    );
    const proof = { statement: null, evidence: word.evidence ?? null, ip: null, userAgent: null };
    const changes = stopped.map(({ category, eventId }) => {
      const to = history.find(({ id }) => id === eventId)?.fromState ?? 'NONE';
      const granted = history.findLast((event) => event.channel === channel && event.category === category && event.toState === 'GRANTED');
      const expiresAt = to === 'GRANTED' ? (granted?.expiresAt ?? null) : null;
      return { contactId: contact.id, channel, category, to, source, actor: null, at, expiresAt, proof };
    });
    await applyConsentChanges(tx, this.sealer, tenantId, changes);
    return lifted || resumed || changes.length > 0;
  }

  /** As they are now, of each contact. */
  consents(tenantId: string, contactIds: readonly string[]): Promise<StatedConsent[]> {
    return consentsOf(this.db.sql, tenantId, contactIds);
  }

  /** Oldest first, each with whether the chain is whole up to it. */
  async history(tenantId: string, contactIds: readonly string[]): Promise<CheckedEvent[]> {
    const events = await historyOf(this.db.sql, tenantId, contactIds);
    const verified = new Map<string, boolean>();
    for (const chain of Map.groupBy(events, ({ contactId }) => contactId).values()) {
      const check = new ChainCheck(this.sealer);
      for (const event of chain.toSorted((a, b) => a.sequence - b.sequence)) verified.set(event.id, check.next(event));
    }
    return events.map((event) => ({ ...event, verified: verified.get(event.id) ?? false }));
  }

  /** Throws Refusal NOT_FOUND. */
  find(caller: Caller, ref: ContactRef): Promise<ContactRow> {
    return this.contacts.get(caller, ref, ['contact']);
  }

  /** Null where there is none, or nothing is known of it any longer. */
  async findById(caller: Caller, id: string): Promise<ContactRow | null> {
    const contact = await this.contacts.find(caller, { id });
    return contact?.erasedAt ? null : contact;
  }

  /** What withdrawals by callers had set for the addresses of the contact; not the person's own STOP. */
  async lift(tx: Transaction<unknown>, { id, tenantId }: ContactRow, scope: Pick<ConsentInput, 'channels' | 'categories'>): Promise<void> {
    await liftSuppressions(tx, tenantId, await addressHashesOf(tx, tenantId, id), { ...scope, own: false });
  }

  /** The contact, or the one that it has been merged into, locked. Throws Refusal NOT_FOUND. */
  async locked(tx: Transaction<unknown>, tenantId: string, id: string): Promise<ContactRow> {
    const contact = await lockSurvivor(tx, tenantId, id);
    if (!contact || contact.erasedAt) throw new Refusal('NOT_FOUND', 'There is no such contact.', ['contact']);
    return contact;
  }
}

const addressHashesOf = async (tx: Transaction<unknown>, tenantId: string, contactId: string): Promise<Buffer[]> =>
  (await identitiesOf(tx, tenantId, [contactId])).map(({ addressHash }) => addressHash);

/**
 * Throws Refusal where the person has stopped any of it themselves. Who withdrew last does not tell that: a withdrawal by a caller
 * before or after the STOP has the caller as its source. Nor do their addresses alone: the one that said STOP may be somebody else's by now.
 */
async function refuseStopped(
  tx: Transaction<unknown>,
  { id, tenantId }: ContactRow,
  { channels, categories }: Pick<ConsentInput, 'channels' | 'categories'>,
): Promise<void> {
  const withdrawn = (await consentsOf(tx, tenantId, [id])).filter(
    ({ channel, category, state }) => channels.includes(channel) && categories.includes(category) && state === 'WITHDRAWN',
  );
  if (withdrawn.length === 0) return;
  const said = (await suppressionsOf(tx, tenantId, await addressHashesOf(tx, tenantId, id))).filter(({ source }) => isOwnWord(source));
  const channelsSaid = [...said.map(({ channel }) => channel), ...(await stopsOf(tx, tenantId, id))];
  const stopped = withdrawn.filter(({ channel, source }) => isOwnWord(source) || channelsSaid.includes(channel));
  if (stopped.length === 0) return;
  const reasons = stopped.map(({ channel, category }) => ({
    code: 'OPTED_OUT' as const,
    message: `The person has stopped ${channel} ${category} themselves: only START from them takes that back.`,
    field: ['channels'],
  }));
  throw new Refusal(reasons);
}
