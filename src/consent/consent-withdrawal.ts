import type { Transaction } from 'kysely';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { ConsentProof } from './consent-chain.js';
import { applyConsentChanges } from './consent-changes.js';
import type { HeldMessages, WithdrawalSource } from './consent.ports.js';
import { suppress, type SuppressionRow } from './consent.queries.js';
import type { ConsentSource } from './consent.row.js';
import { closeOptIns } from './opt-in.queries.js';

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
