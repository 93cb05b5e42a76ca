import type { Transaction } from 'kysely';
import { identitiesOf } from '../contacts/contact.queries.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { ConsentProof } from './consent-chain.js';
import { applyConsentChanges } from './consent-changes.js';
import type { HeldMessages, WithdrawalSource } from './consent.ports.js';
import { consentsOf, suppress, takePlaces, type SuppressionRow } from './consent.queries.js';
import type { ConsentSource } from './consent.row.js';
import { closeOptIns } from './opt-in.queries.js';
import { keepStops } from './stops.queries.js';

export interface AgreedWithdrawal {
  tenantId: string;
  contactId: string;
  addressHashes: readonly Buffer[];
  channels: Channel[];
  categories: MessageCategory[];
  source: ConsentSource;
  actor: string | null;
  at: Date;
  proof: ConsentProof;
  /** Who is named in the events of the messages. */
  by: WithdrawalSource;
}

/** The person's own word on one channel, or the provider's in their name. */
export interface ChannelStop extends Pick<AgreedWithdrawal, 'tenantId' | 'addressHashes' | 'at' | 'by'> {
  /** Whose the addresses are. */
  contactIds: readonly string[];
  channel: Channel;
  source: Extract<ConsentSource, 'KEYWORD' | 'PROVIDER'>;
  evidence: ConsentProof['evidence'];
}

/** Those that a consent is asked for. The others are stopped by a suppression only. */
const CONSENTED: readonly MessageCategory[] = ['UTILITY', 'MARKETING'];

/** Writes that somebody must not be sent to: consents, suppressions and messages that wait, in one transaction. */
export class ConsentWithdrawal {
  constructor(
    private readonly sealer: Sealer,
    private readonly index: BlindIndex,
    private readonly held: HeldMessages,
  ) {}

  hashesOf(tenantId: string, addresses: readonly string[]): Buffer[] {
    return addresses.map((address) => this.index.hash(tenantId, address));
  }

  /** The places are held and the contact is locked. Returns what to do after the commit. */
  async apply(tx: Transaction<unknown>, withdrawal: AgreedWithdrawal): Promise<() => void> {
    const { tenantId, contactId, addressHashes, channels, categories, source, actor, at, proof } = withdrawal;
    const scope = channels.flatMap((channel) => categories.map((category) => ({ channel, category })));
    const change = { contactId, to: 'WITHDRAWN' as const, source, actor, at, expiresAt: null, proof };
    await applyConsentChanges(
      tx,
      this.sealer,
      tenantId,
      scope.map((one) => ({ ...change, ...one })),
    );
    await this.block(tx, tenantId, addressHashes, scope, { source, at });
    return this.stopMessages(tx, withdrawal, categories);
  }

  /**
   * Nothing more on the channel to these addresses, of any category, and nothing to the people's other addresses that a consent is
   * asked for. Their places are held and the contacts are locked. Returns what to do after the commit.
   */
  async stop(tx: Transaction<unknown>, { contactIds, ...said }: ChannelStop): Promise<() => void> {
    const { tenantId, addressHashes, channel, source, at } = said;
    const publish = contactIds.length > 0 ? await this.stopPeople(tx, contactIds, said) : [];
    await this.block(tx, tenantId, addressHashes, [{ channel, category: '*' }], { source, at });
    publish.push(await this.stopMessages(tx, { ...said, channels: [channel] }, null));
    return () => publish.forEach((told) => told());
  }

  private async stopPeople(
    tx: Transaction<unknown>,
    contactIds: readonly string[],
    { tenantId, channel, source, at, by, evidence }: Omit<ChannelStop, 'contactIds'>,
  ): Promise<(() => void)[]> {
    const identities = await identitiesOf(tx, tenantId, contactIds);
    const hashesOf = (ids: readonly string[]): Buffer[] =>
      identities.filter(({ contactId }) => ids.includes(contactId)).map(({ addressHash }) => addressHash);
    // Those that came meanwhile; the others are held already.
    await takePlaces(tx, tenantId, hashesOf(contactIds));
    await keepStops(tx, tenantId, contactIds, channel);
    const open = (await consentsOf(tx, tenantId, contactIds)).filter(
      (consent) => consent.channel === channel && (consent.state === 'GRANTED' || consent.state === 'PENDING'),
    );
    const categoriesOf = (id: string): MessageCategory[] => [
      ...new Set([...CONSENTED, ...open.filter(({ contactId }) => contactId === id).map(({ category }) => category)]),
    ];
    const proof = { statement: null, evidence, ip: null, userAgent: null };
    const change = { channel, to: 'WITHDRAWN' as const, source, actor: null, at, expiresAt: null, proof };
    const changes = contactIds.flatMap((contactId) => categoriesOf(contactId).map((category) => ({ ...change, contactId, category })));
    await applyConsentChanges(tx, this.sealer, tenantId, changes);
    await closeOptIns(tx, tenantId, hashesOf(contactIds), [channel], at);
    const publish: (() => void)[] = [];
    for (const [, ids] of Map.groupBy(contactIds, (id) => categoriesOf(id).toSorted().join())) {
      const [first] = ids;
      const stopped = { tenantId, addressHashes: hashesOf(ids), channels: [channel], source, at, by };
      if (first !== undefined) publish.push(await this.stopMessages(tx, stopped, categoriesOf(first)));
    }
    return publish;
  }

  /** What outlives the contact: these addresses are not sent to. */
  async block(
    tx: Transaction<unknown>,
    tenantId: string,
    addressHashes: readonly Buffer[],
    scope: readonly Pick<SuppressionRow, 'channel' | 'category'>[],
    { source, at }: Pick<SuppressionRow, 'source' | 'at'>,
  ): Promise<void> {
    const rows = addressHashes.flatMap((addressHash) => scope.map((one) => ({ tenantId, addressHash, ...one, source, at })));
    await suppress(tx, rows);
    const channels = [...new Set(scope.map(({ channel }) => channel))];
    await closeOptIns(tx, tenantId, addressHashes, channels, at);
  }

  /** `categories` null: all. */
  stopMessages(
    tx: Transaction<unknown>,
    {
      tenantId,
      addressHashes,
      channels,
      source,
      at,
      by,
    }: Pick<AgreedWithdrawal, 'tenantId' | 'addressHashes' | 'channels' | 'source' | 'at' | 'by'>,
    categories: MessageCategory[] | null,
  ): Promise<() => void> {
    return this.held.suppress(tx, { tenantId, addressHashes, channels, categories, at, source: by, detail: { withdrawn: source } });
  }
}
