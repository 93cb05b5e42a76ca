import type { Transaction } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import { systemCaller } from '../accounts/system-caller.js';
import { Refusal } from '../errors.js';
import { isUuid } from '../platform/ids.js';
import type { Channel } from '../vocabulary.js';
import { addressesIn, emailAddress, phoneAddress, type Address } from './address.js';
import { draftOf, type UpsertContact } from './contact-draft.js';
import type { ContactTenants } from './contact.ports.js';
import {
  contactsOfHashes,
  countContacts,
  findContacts,
  identitiesOf,
  listContacts,
  lockContacts,
  lockSurvivor,
  resolveRefs,
  type ContactFilter,
  type RefKey,
} from './contact.queries.js';
import type { ContactRow, IdentityRow } from './contact.row.js';
import { ContactUpsert, type UpsertServices } from './contact-upsert.js';
import { ownersThen, removeIdentity } from './former-address.queries.js';
import { Overtaken } from './overtaken.js';

/** One way to name a contact: exactly one of them is given. */
export interface ContactRef {
  id?: string | null;
  externalId?: string | null;
  phone?: string | null;
  email?: string | null;
}

export interface ContactSearch {
  search?: string | null;
  externalId?: string | null;
  phone?: string | null;
  consent?: ContactFilter['consent'];
  channel?: Channel | null;
}

/** A contact with the addresses that it is known by, the one that was named last first. */
export interface KnownContact {
  contact: ContactRow;
  identities: IdentityRow[];
}

const ONE_NAME = 'Name the contact by exactly one of id, externalId, phone and email.';

export class ContactService {
  private readonly upserting: ContactUpsert;

  constructor(
    private readonly services: UpsertServices,
    private readonly tenants: ContactTenants,
  ) {
    this.upserting = new ContactUpsert(services);
  }

  /** Makes the contact, or changes it. Where the input names several, they become one. Throws Refusal; then nothing was changed. */
  async upsert(caller: Caller, input: UpsertContact): Promise<{ contact: ContactRow }> {
    const { defaultCountry } = await this.tenants.settings(caller.tenantId);
    return { contact: await this.upserting.run(caller, draftOf(input, defaultCountry)) };
  }

  /**
   * Whom a message came from: whoever had the address at the time, also where it was taken from them since; made where nobody has
   * it yet. May be overtaken by another message from the same new address: it then throws, and the transaction is to be tried again.
   */
  async contactOfAddress(
    tx: Transaction<unknown>,
    { tenantId, address, at, name }: { tenantId: string; address: Address; at: Date; name?: string | null },
  ): Promise<ContactRow> {
    const asked = { addressHash: this.services.index.hash(tenantId, address.address), at };
    const owners = await ownersThen(tx, tenantId, [asked]);
    const former = owners.find(({ isFormer }) => isFormer);
    if (former) {
      const [contact] = await lockContacts(tx, tenantId, [former.id]);
      if (!contact || contact.erasedAt) throw new Overtaken();
      return contact;
    }
    const draft = {
      externalId: null,
      addresses: [address],
      name: owners.length > 0 ? undefined : name,
      language: undefined,
      timeZone: undefined,
    };
    const { contact } = await this.upserting.within(tx, systemCaller(tenantId, 'inbound'), draft, { at, seenAt: at });
    return contact;
  }

  /** Null where there is none. Throws Refusal for a reference that names nobody, or in two ways. */
  async find(caller: Caller, ref: ContactRef, path: string[] = []): Promise<ContactRow | null> {
    const { defaultCountry } = await this.tenants.settings(caller.tenantId);
    const keys = this.keysOf(caller.tenantId, ref, 0, defaultCountry, path);
    const [found] = await resolveRefs(this.services.db.sql, caller.tenantId, keys);
    return found ? ((await findContacts(this.services.db.sql, caller.tenantId, [found.id]))[0] ?? null) : null;
  }

  /** Throws Refusal NOT_FOUND with the path to the reference. */
  async get(caller: Caller, ref: ContactRef, path: string[]): Promise<ContactRow> {
    const contact = await this.find(caller, ref, path);
    if (!contact || contact.erasedAt) throw new Refusal('NOT_FOUND', 'There is no such contact.', path);
    return contact;
  }

  /**
   * The contact of each reference, in their order; null for those that nobody has. Two statements, however many they are.
   * A reference that cannot be read (a number that is none) counts as one that nobody has.
   */
  async resolve(tenantId: string, refs: readonly ContactRef[]): Promise<(KnownContact | null)[]> {
    const { defaultCountry } = await this.tenants.settings(tenantId);
    const keys = refs.flatMap((ref, position) => {
      try {
        return this.keysOf(tenantId, ref, position, defaultCountry, []);
      } catch (error) {
        if (error instanceof Refusal) return [];
        throw error;
      }
    });
    const found = new Map((await resolveRefs(this.services.db.sql, tenantId, keys)).map(({ position, id }) => [position, id]));
    const known = new Map((await this.findMany(tenantId, [...new Set(found.values())])).map((one) => [one.contact.id, one]));
    return refs.map((_, position) => known.get(found.get(position) ?? '') ?? null);
  }

  private async findMany(tenantId: string, ids: readonly string[]): Promise<KnownContact[]> {
    if (ids.length === 0) return [];
    const { sql } = this.services.db;
    const [contacts, identities] = [await findContacts(sql, tenantId, ids), await identitiesOf(sql, tenantId, ids)];
    const byContact = Map.groupBy(identities, ({ contactId }) => contactId);
    return contacts.map((contact) => ({ contact, identities: byContact.get(contact.id) ?? [] }));
  }

  /** The contact of each id, in their order, or the one that it was merged into; null for those that nobody has. */
  async survivors(tenantId: string, ids: readonly string[]): Promise<(ContactRow | null)[]> {
    const found = await findContacts(this.services.db.sql, tenantId, ids);
    const byAskedId = new Map(found.map((contact) => [contact.askedId, contact]));
    return ids.map((id) => byAskedId.get(id) ?? null);
  }

  identities(tenantId: string, contactIds: readonly string[]): Promise<IdentityRow[]> {
    return identitiesOf(this.services.db.sql, tenantId, contactIds);
  }

  /** Whose the addresses are: several where one id is known in several scopes. */
  byAddressHashes(tenantId: string, hashes: readonly Buffer[]): Promise<(ContactRow & { addressHash: Buffer })[]> {
    return contactsOfHashes(this.services.db.sql, tenantId, hashes);
  }

  /** Newest first; one row more than `page.limit` when there are more. */
  async list(caller: Caller, search: ContactSearch, page: { limit: number; after: string | null }): Promise<ContactRow[]> {
    return listContacts(this.services.db.sql, caller.tenantId, await this.filterOf(caller, search), page);
  }

  async count(caller: Caller, search: ContactSearch): Promise<number> {
    return countContacts(this.services.db.sql, caller.tenantId, await this.filterOf(caller, search));
  }

  /** The person no longer has the address, which is somebody else's from now on. Throws Refusal NOT_FOUND. */
  async removeAddress(caller: Caller, ref: ContactRef, address: string): Promise<{ contact: ContactRow }> {
    const found = await this.get(caller, ref, ['contact']);
    const { tenantId } = caller;
    const hashes = await this.hashesOf(tenantId, address);
    return this.services.db.transaction(async (tx) => {
      const contact = await lockSurvivor(tx, tenantId, found.id);
      const identities = contact ? await identitiesOf(tx, tenantId, [contact.id]) : [];
      // A user id that several accounts know is an identity for each of them: one that stayed would name the person still.
      const removed = identities.filter(({ addressHash }) => hashes.some((hash) => hash.equals(addressHash)));
      if (!contact || !removed[0]) throw new Refusal('NOT_FOUND', 'The contact has no such address.', ['address']);
      const at = new Date();
      for (const identity of removed) await removeIdentity(tx, identity, at);
      const act = { action: 'contact.addressRemoved', subject: `contact:${contact.id}`, detail: { channel: removed[0].channel } };
      await this.services.audit.record(tx, caller, act);
      return { contact };
    });
  }

  private keysOf(tenantId: string, ref: ContactRef, position: number, defaultCountry: string | null, path: string[]): RefKey[] {
    const { id = null, externalId = null, phone = null, email = null } = ref;
    if ([id, externalId, phone, email].filter((name) => name !== null).length !== 1) throw new Refusal('INVALID_INPUT', ONE_NAME, path);
    const key = { position, id: null, externalId: null, addressHash: null };
    if (id !== null) return isUuid(id) ? [{ ...key, id }] : [];
    if (externalId !== null) return [{ ...key, externalId }];
    const { address } =
      phone === null ? emailAddress(email ?? '', [...path, 'email']) : phoneAddress(phone, defaultCountry, [...path, 'phone']);
    return [{ ...key, addressHash: this.services.index.hash(tenantId, address) }];
  }

  private async filterOf({ tenantId }: Caller, { search, phone, ...filter }: ContactSearch): Promise<ContactFilter> {
    return {
      ...filter,
      search: typeof search === 'string' ? { hashes: await this.hashesOf(tenantId, search), externalIds: [search, search.trim()] } : null,
      phoneHashes: typeof phone === 'string' ? await this.hashesOf(tenantId, phone) : null,
    };
  }

  private async hashesOf(tenantId: string, typed: string): Promise<Buffer[]> {
    const { defaultCountry } = await this.tenants.settings(tenantId);
    return addressesIn(typed, defaultCountry).map(({ address }) => this.services.index.hash(tenantId, address));
  }
}
