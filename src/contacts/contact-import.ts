import type { Transaction } from 'kysely';
import { Refusal } from '../errors.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { sealContact } from './contact-content.js';
import type { ContactDraft } from './contact-draft.js';
import { contactsNamed, identitiesOf, insertContacts, insertIdentities, nameContacts } from './contact.queries.js';
import type { ContactRow, IdentityRow } from './contact.row.js';
import { Overtaken } from './overtaken.js';

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
      const keys = this.keysOf(tenantId, draft);
      const ids = new Set(keys.flatMap((some) => some.flatMap((key) => known.get(key) ?? [])));
      if (ids.size > 1)
        return new Refusal('CONFLICT', 'The line names several contacts: make them one first (upsertContact).', ['contact']);
      const [found] = ids;
      const owner = found === undefined ? undefined : known.get(`id ${found}`);
      if (draft.externalId !== null && owner && owner !== draft.externalId)
        return new Refusal('CONFLICT', 'The address belongs to a contact with another externalId.', ['externalId']);
      const id = found ?? newId();
      if (found === undefined) contacts.push(this.rowOf(id, tenantId, draft, at));
      else if (draft.externalId !== null && !owner) named.push({ id, externalId: draft.externalId });
      identities.push(...this.missing(id, tenantId, draft, known, at));
      for (const some of keys) for (const key of some) known.set(key, id);
      if (draft.externalId !== null) known.set(`id ${id}`, draft.externalId);
      return id;
    });
    if (contacts.length > 0 && (await insertContacts(tx, contacts)) < contacts.length) throw new Overtaken();
    if (identities.length > 0 && (await insertIdentities(tx, identities)) < identities.length) throw new Overtaken();
    if (named.length > 0) await nameContacts(tx, tenantId, named);
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

  /** By what it is named; and the externalId of each, by its id. */
  private async known(tx: Transaction<unknown>, tenantId: string, drafts: readonly ContactDraft[]): Promise<Map<string, string>> {
    const { externalIds, hashes } = this.namesOf(tenantId, drafts);
    const known = new Map<string, string>();
    for (const { id, externalId, addressHash } of await contactsNamed(tx, tenantId, externalIds, hashes)) {
      if (externalId !== null) known.set(`external ${externalId}`, id).set(`id ${id}`, externalId);
      if (addressHash !== null) known.set(`address ${addressHash.toString('hex')}`, id);
    }
    return known;
  }

  private keysOf(tenantId: string, { externalId, addresses }: ContactDraft): string[][] {
    const byAddress = addresses.map(({ address }) => [`address ${this.index.hash(tenantId, address).toString('hex')}`]);
    return externalId === null ? byAddress : [[`external ${externalId}`], ...byAddress];
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

  private missing(contactId: string, tenantId: string, { addresses }: ContactDraft, known: Map<string, string>, at: Date): IdentityRow[] {
    return addresses.flatMap(({ channel, address, scope }): IdentityRow[] => {
      if (known.has(`address ${this.index.hash(tenantId, address).toString('hex')}`)) return [];
      const addressHash = this.index.hash(tenantId, address);
      const sealed = this.sealer.seal(address, tenantId);
      return [{ id: newId(), tenantId, contactId, channel, scope, addressHash, sealed, namedAt: at, lastSeenAt: null }];
    });
  }
}
