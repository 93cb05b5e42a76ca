import type { Transaction } from 'kysely';
import { Refusal } from '../errors.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { sealContact } from './contact-content.js';
import type { ContactDraft } from './contact-draft.js';
import { contactsNamed, identitiesOf, insertContacts, nameContacts, type AddressKey, type NamedContact } from './contact.queries.js';
import type { ContactRow, IdentityRow } from './contact.row.js';
import { insertIdentities } from './identity.queries.js';
import { isOvertaken, Overtaken } from './overtaken.js';

/**
 * Finds the people of a file, and makes those that are not there. A file fills gaps: it changes no name, takes no address
 * from anybody and makes nobody one with another, which is for `upsertContact`.
 */
export class ContactImport {
  constructor(
    private readonly sealer: Sealer,
    private readonly index: BlindIndex,
  ) {}

  /** The contact of each draft, or why there is none; in a constant number of statements. */
  async within(tx: Transaction<unknown>, tenantId: string, drafts: readonly ContactDraft[], at: Date): Promise<(string | Refusal)[]> {
    const known = await this.known(tx, tenantId, drafts);
    const contacts: ContactRow[] = [];
    const identities: IdentityRow[] = [];
    const named: { id: string; externalId: string }[] = [];
    const result = drafts.map((draft): string | Refusal => {
      const { externalId } = draft;
      const ids = new Set([...known.named(externalId), ...this.keysOf(tenantId, draft).flatMap((key) => known.having(key))]);
      if (ids.size > 1)
        return new Refusal('CONFLICT', 'The line names several contacts: make them one first (upsertContact).', ['contact']);
      const [found] = ids;
      const owner = found === undefined ? null : known.externalIdOf(found);
      if (externalId !== null && owner !== null && owner !== externalId)
        return new Refusal('CONFLICT', 'The address belongs to a contact with another externalId.', ['externalId']);
      const id = found ?? newId();
      if (found === undefined) contacts.push(this.rowOf(id, tenantId, draft, at));
      else if (externalId !== null && owner === null) named.push({ id, externalId });
      const missing = this.missing(id, tenantId, draft, known, at);
      identities.push(...missing);
      for (const { addressHash, scope } of missing) known.add({ id, externalId, addressHash, scope });
      known.add({ id, externalId, addressHash: null, scope: null });
      return id;
    });
    if (contacts.length > 0 && (await insertContacts(tx, contacts)) < contacts.length) throw new Overtaken();
    if (identities.length > 0 && (await insertIdentities(tx, identities)) < identities.length) throw new Overtaken();
    if (named.length > 0) await nameAll(tx, tenantId, named);
    return result;
  }

  /** Every address that the drafts name, and those that are known of the people they name. */
  async addressHashes(tx: Transaction<unknown>, tenantId: string, drafts: readonly ContactDraft[]): Promise<Buffer[]> {
    const { externalIds, hashes } = this.namesOf(tenantId, drafts);
    const ids = (await contactsNamed(tx, tenantId, externalIds, hashes)).map(({ id }) => id);
    return [...hashes, ...(await identitiesOf(tx, tenantId, ids)).map(({ addressHash }) => addressHash)];
  }

  private namesOf(tenantId: string, drafts: readonly ContactDraft[]): { externalIds: string[]; hashes: Buffer[] } {
    return {
      externalIds: drafts.flatMap(({ externalId }) => externalId ?? []),
      hashes: drafts.flatMap(({ addresses }) => addresses.map(({ address }) => this.index.hash(tenantId, address))),
    };
  }

  private async known(tx: Transaction<unknown>, tenantId: string, drafts: readonly ContactDraft[]): Promise<KnownPeople> {
    const { externalIds, hashes } = this.namesOf(tenantId, drafts);
    const known = new KnownPeople();
    for (const contact of await contactsNamed(tx, tenantId, externalIds, hashes)) known.add(contact);
    return known;
  }

  private keysOf(tenantId: string, { addresses }: ContactDraft): AddressKey[] {
    return addresses.map(({ address, scope }) => ({ hash: this.index.hash(tenantId, address), scope }));
  }

  private rowOf(
    id: string,
    tenantId: string,
    { externalId, name = null, language = null, timeZone = null }: ContactDraft,
    at: Date,
  ): ContactRow {
    const sealed = sealContact(this.sealer, tenantId, { name });
    return { id, tenantId, externalId, sealed, language, timeZone, createdAt: at, updatedAt: at, erasedAt: null };
  }

  private missing(contactId: string, tenantId: string, { addresses }: ContactDraft, known: KnownPeople, at: Date): IdentityRow[] {
    return addresses.flatMap(({ channel, address, scope }): IdentityRow[] => {
      const addressHash = this.index.hash(tenantId, address);
      if (known.having({ hash: addressHash, scope }).length > 0) return [];
      const sealed = this.sealer.seal(address, tenantId);
      return [{ id: newId(), tenantId, contactId, channel, scope, addressHash, sealed, namedAt: at, lastSeenAt: null }];
    });
  }
}

/** Unlike an insert, an update fails where somebody has just taken the externalId. */
async function nameAll(tx: Transaction<unknown>, tenantId: string, named: readonly { id: string; externalId: string }[]): Promise<void> {
  const count = await nameContacts(tx, tenantId, named).catch((error: unknown) => {
    throw isOvertaken(error) ? new Overtaken() : error;
  });
  if (count < named.length) throw new Overtaken();
}

/** Whom the lines so far name. */
class KnownPeople {
  private readonly ids = new Map<string, string>();
  private readonly externalIds = new Map<string, string>();
  /** By the address alone: which scopes match depends on the one that is looked for. */
  private readonly owners = new Map<string, { id: string; scope: string }[]>();

  add({ id, externalId, addressHash, scope }: NamedContact): void {
    if (externalId !== null) {
      this.ids.set(externalId, id);
      this.externalIds.set(id, externalId);
    }
    if (addressHash === null || scope === null) return;
    const key = addressHash.toString('hex');
    this.owners.set(key, [...(this.owners.get(key) ?? []), { id, scope }]);
  }

  named(externalId: string | null): string[] {
    const id = externalId === null ? undefined : this.ids.get(externalId);
    return id === undefined ? [] : [id];
  }

  /** As upsertContact finds them: an address without a scope counts in all. */
  having({ hash, scope }: AddressKey): string[] {
    const owners = this.owners.get(hash.toString('hex')) ?? [];
    return owners.filter((owner) => owner.scope === scope || owner.scope === '' || scope === '').map(({ id }) => id);
  }

  externalIdOf(id: string): string | null {
    return this.externalIds.get(id) ?? null;
  }
}
