import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import type { Address } from './address.js';
import { openContact, sealContact } from './contact-content.js';
import type { ContactDraft } from './contact-draft.js';
import type { MergedRecords } from './contact.ports.js';
import {
  contactIdsOf,
  identitiesOf,
  insertContacts,
  lockContacts,
  mergeContact,
  updateContact,
  type AddressKey,
} from './contact.queries.js';
import type { ContactRow, IdentityRow } from './contact.row.js';
import { insertIdentities, touchIdentities } from './identity.queries.js';
import { isOvertaken, Overtaken } from './overtaken.js';

const MOST_TRIES = 10;
const DIFFERENT_PEOPLE =
  'The addresses belong to people with different externalIds. Take the address away from the one who no longer has it (removeContactAddress), or name the right externalId.';

export interface UpsertServices {
  db: Database;
  sealer: Sealer;
  index: BlindIndex;
  audit: AuditLog;
  merged: readonly MergedRecords[];
}

/** Who wants it, and when a message came from the addresses, where one did. */
export interface UpsertOptions {
  at: Date;
  seenAt?: Date;
}

/** Finds the people that a draft names, makes one of them where they turn out to be the same, and writes what is new. */
export class ContactUpsert {
  constructor(private readonly services: UpsertServices) {}

  /** Throws Refusal CONFLICT. */
  async run(caller: Caller, draft: ContactDraft): Promise<ContactRow> {
    for (let tried = 1; ; tried++)
      try {
        const { contact, after } = await this.services.db.transaction((tx) => this.within(tx, caller, draft, { at: new Date() }));
        for (const publish of after) publish();
        return contact;
      } catch (error) {
        if (!isOvertaken(error) || tried === MOST_TRIES) throw error;
      }
  }

  /** One try, in a transaction of the caller's, who has to do what comes in `after` when it is committed. */
  async within(
    tx: Transaction<unknown>,
    caller: Caller,
    draft: ContactDraft,
    options: UpsertOptions,
  ): Promise<{ contact: ContactRow; after: (() => void)[] }> {
    const { tenantId } = caller;
    const keys = {
      externalId: draft.externalId,
      addresses: draft.addresses.map(({ address, scope }) => ({ hash: this.services.index.hash(tenantId, address), scope })),
    };
    const ids = await contactIdsOf(tx, tenantId, keys);
    if (ids.length === 0) return { contact: await this.create(tx, tenantId, draft, options), after: [] };
    if (ids.length > 1) await this.prepareMerge(tx, tenantId, ids);
    const named = await lockContacts(tx, tenantId, ids);
    if (ids.join() !== (await contactIdsOf(tx, tenantId, keys)).join() || named.length !== ids.length) throw new Overtaken();
    // For the addresses that came meanwhile; the others are prepared already.
    if (ids.length > 1) await this.prepareMerge(tx, tenantId, ids);
    // A message cannot be refused: nobody would hear of its STOP.
    const contacts = options.seenAt && areDifferentPeople(named, draft) ? await knownExactly(tx, tenantId, named, keys.addresses) : named;
    if (areDifferentPeople(contacts, draft)) throw new Refusal('CONFLICT', DIFFERENT_PEOPLE, ['externalId']);
    const survivor = contacts.find(({ externalId }) => externalId !== null) ?? contacts[0];
    if (!survivor) throw new Overtaken();
    const others = contacts.filter((contact) => contact !== survivor);
    const after = await this.merge(tx, caller, survivor, others, options.at);
    return { contact: await this.update(tx, survivor, others, draft, options), after };
  }

  private async create(tx: Transaction<unknown>, tenantId: string, draft: ContactDraft, options: UpsertOptions): Promise<ContactRow> {
    const { at } = options;
    const { externalId, name = null, language = null, timeZone = null } = draft;
    const sealed = sealContact(this.services.sealer, tenantId, { name });
    const row = { id: newId(), tenantId, externalId, sealed, language, timeZone, createdAt: at, updatedAt: at, erasedAt: null };
    if ((await insertContacts(tx, [row])) === 0) throw new Overtaken();
    await this.addAddresses(tx, row, draft.addresses, options);
    return row;
  }

  private async update(
    tx: Transaction<unknown>,
    survivor: ContactRow,
    others: readonly ContactRow[],
    draft: ContactDraft,
    options: UpsertOptions,
  ): Promise<ContactRow> {
    const { sealer } = this.services;
    const all = [survivor, ...others];
    const first = <T>(values: (T | null | undefined)[]): T | null => values.find((value) => value !== null && value !== undefined) ?? null;
    const known = first(all.map((row) => openContact(sealer, row).name));
    const name = draft.name === undefined ? known : draft.name;
    const row: ContactRow = {
      ...survivor,
      externalId: draft.externalId ?? survivor.externalId,
      sealed: name === known && survivor.sealed ? survivor.sealed : sealContact(sealer, survivor.tenantId, { name }),
      language: draft.language === undefined ? first(all.map(({ language }) => language)) : draft.language,
      timeZone: draft.timeZone === undefined ? first(all.map(({ timeZone }) => timeZone)) : draft.timeZone,
      updatedAt: options.at,
    };
    if (!isSame(row, survivor) && !(await updateContact(tx, row))) throw new Overtaken();
    await this.addAddresses(tx, row, draft.addresses, options);
    return row;
  }

  private async addAddresses(
    tx: Transaction<unknown>,
    { tenantId, id }: ContactRow,
    addresses: readonly Address[],
    { at, seenAt }: UpsertOptions,
  ): Promise<void> {
    const { index, sealer } = this.services;
    const present = await identitiesOf(tx, tenantId, [id]);
    const fresh: IdentityRow[] = [];
    const again: string[] = [];
    for (const { channel, address, scope } of addresses) {
      const addressHash = index.hash(tenantId, address);
      const known = present.filter((identity) => identity.addressHash.equals(addressHash));
      // Not by the address alone: a user id that one account knows is still to be made known to the next.
      const identity = known.find((one) => one.scope === scope) ?? known.find((one) => one.scope === '');
      if (identity) again.push(identity.id);
      else {
        const sealed = sealer.seal(address, tenantId);
        fresh.push({ id: newId(), tenantId, contactId: id, channel, scope, addressHash, sealed, namedAt: at, lastSeenAt: seenAt ?? null });
      }
    }
    if (fresh.length > 0 && (await insertIdentities(tx, fresh)) < fresh.length) throw new Overtaken();
    // A message tells that the address is theirs still, not that it is the one to use.
    if (again.length > 0) await touchIdentities(tx, tenantId, again, { namedAt: seenAt ? null : at, seenAt: seenAt ?? null });
  }

  private async prepareMerge(tx: Transaction<unknown>, tenantId: string, ids: readonly string[]): Promise<void> {
    const hashes = (await identitiesOf(tx, tenantId, ids)).map(({ addressHash }) => addressHash);
    for (const records of this.services.merged) await records.prepare?.(tx, tenantId, hashes);
  }

  private async merge(
    tx: Transaction<unknown>,
    caller: Caller,
    survivor: ContactRow,
    others: readonly ContactRow[],
    at: Date,
  ): Promise<(() => void)[]> {
    const { tenantId } = caller;
    const after: (() => void)[] = [];
    for (const { id: from } of others) {
      const merge = { tenantId, from, into: survivor.id, at, by: caller.name };
      const hashes = (await identitiesOf(tx, tenantId, [from, survivor.id])).map(({ addressHash }) => addressHash);
      for (const records of this.services.merged) after.push(await records.merge(tx, merge, hashes));
      await mergeContact(tx, tenantId, from, survivor.id, at);
      const act = { action: 'contact.merged', subject: `contact:${survivor.id}`, detail: { merged: from } };
      await this.services.audit.record(tx, caller, act);
    }
    return after;
  }
}

function isSame(a: ContactRow, b: ContactRow): boolean {
  return a.externalId === b.externalId && a.sealed === b.sealed && a.language === b.language && a.timeZone === b.timeZone;
}

/** Two ids in the caller's system are two people there: which of them has the address, only the caller can say. */
function areDifferentPeople(contacts: readonly ContactRow[], draft: ContactDraft): boolean {
  return new Set([draft.externalId, ...contacts.map(({ externalId }) => externalId)].filter((id) => id !== null)).size > 1;
}

/** Of people who have the same user id, as databases may hold them from before `insertIdentities` kept them from it: who has it in the very scope. */
async function knownExactly(
  tx: Transaction<unknown>,
  tenantId: string,
  contacts: readonly ContactRow[],
  addresses: readonly AddressKey[],
): Promise<ContactRow[]> {
  const ids = contacts.map(({ id }) => id);
  const exact = (await identitiesOf(tx, tenantId, ids)).filter(({ addressHash, scope }) =>
    addresses.some((address) => address.hash.equals(addressHash) && address.scope === scope),
  );
  return contacts.filter(({ id }) => exact.some(({ contactId }) => contactId === id));
}
