import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { keepOptOuts, takePlaces } from '../consent/consent.queries.js';
import { readableAddresses } from '../contacts/contact-content.js';
import { contactsOfHashes, identitiesOf, lockContacts } from '../contacts/contact.queries.js';
import type { ContactRef } from '../contacts/contact.service.js';
import { eraseFormerAddresses, formerAddressesOf, type FormerAddress } from '../contacts/former-address.queries.js';
import { holdSenders } from '../inbox/inbound.queries.js';
import type { InboxPublisher } from '../inbox/inbox.ports.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { contactIdsOf, eraseAnswerWindows, eraseContacts, eraseHashesOfFormerOwners } from './erased-contact.queries.js';
import type { Erasure } from './erasure.js';
import { erasuresOf, findErasures, insertErasure } from './erasure.queries.js';
import type { ErasureRow, OpenErasure } from './erasure.row.js';
import type { Person, PersonFinder } from './person-finder.js';

export interface ErasedContact {
  erased: boolean;
  messages: number;
  inboundMessages: number;
}

/** How long a caller waits for a long history; the clock does the rest. */
const PATIENCE_MS = 10_000;
/** So much later than it is written is the time up to which all belongs to the person: for the commit, and for clocks that differ. */
const MARGIN_MS = 250;

export interface EraseServices {
  db: Database;
  finder: PersonFinder;
  sealer: Sealer;
  audit: AuditLog;
  erasure: Erasure;
  inbox: InboxPublisher;
}

interface Begun {
  erasures: ErasureRow[];
  /** Ids of those that are closed by it. */
  conversations: string[];
}

/** Destroys what is known of a person, and keeps that they do not want to be messaged. */
export class EraseContactService {
  constructor(private readonly services: EraseServices) {}

  /** Once it answers, nothing more is sent. Erasing again goes on where the last time broke off. Throws Refusal NOT_FOUND. */
  async erase(caller: Caller, ref: ContactRef): Promise<ErasedContact> {
    const { db, finder, inbox } = this.services;
    const { tenantId } = caller;
    let begun: Begun | null = null;
    // Somebody who was merged meanwhile goes by another id now.
    while (begun === null) begun = await this.begin(caller, await finder.find(caller, ref));
    try {
      await this.finish(begun.erasures.filter(isOpen));
    } finally {
      // Whoever is told reads them again. Also where it has broken off: the name is gone already.
      for (const conversationId of begun.conversations) inbox.publish({ tenantId, conversationId, inboundId: null });
    }
    const ids = begun.erasures.map(({ id }) => id);
    const erased = await findErasures(db.sql, tenantId, ids);
    const sum = (of: 'messages' | 'inboundMessages'): number => erased.reduce((total, one) => total + one[of], 0);
    return { erased: true, messages: sum('messages'), inboundMessages: sum('inboundMessages') };
  }

  private async finish(begun: readonly OpenErasure[]): Promise<void> {
    const last = Math.max(...begun.map(({ requestedAt }) => requestedAt.getTime()));
    await sleep(Math.min(Math.max(last - Date.now() + 1, 0), MARGIN_MS));
    const until = new Date(Date.now() + PATIENCE_MS);
    for (const erasure of begun) await this.services.erasure.run(erasure, until);
  }

  /** Everything that makes the person unknown, in one transaction; what they were sent and wrote follows. Null where they are to be found anew. */
  private begin(caller: Caller, { contact, addresses, addressHashes }: Person): Promise<Begun | null> {
    const { tenantId } = caller;
    const { db, sealer } = this.services;
    return db.transaction(async (tx) => {
      // Places before rows, as withdrawals take them.
      await takePlaces(tx, tenantId, addressHashes);
      // What somebody writes is applied before, or sees that they have been erased.
      await holdSenders(tx, tenantId, addressHashes);
      if (contact === null) {
        if ((await contactsOfHashes(tx, tenantId, addressHashes)).length > 0) return null;
        await keepOptOuts(tx, tenantId, [], addressHashes, new Date());
        await eraseHashesOfFormerOwners(tx, tenantId, addressHashes);
        await eraseFormerAddresses(tx, tenantId, [], addressHashes);
        const erasure = await this.open(tx, caller, { contactId: null, addressHashes, sealed: sealer.seal(addresses, tenantId) });
        return { erasures: [erasure], conversations: [] };
      }
      const [locked] = await lockContacts(tx, tenantId, [contact.id]);
      if (!locked) return null;
      if (locked.erasedAt) return { erasures: await erasuresOf(tx, tenantId, contact.id), conversations: [] };
      const ids = await contactIdsOf(tx, tenantId, contact.id);
      const identities = await identitiesOf(tx, tenantId, ids);
      const hashes = identities.map(({ addressHash }) => addressHash);
      // Another address was named while this waited, whose place is not held.
      if (hashes.some((hash) => !addressHashes.some((held) => held.equals(hash)))) return null;
      const now = new Date();
      await keepOptOuts(tx, tenantId, ids, hashes, now);
      await eraseAnswerWindows(tx, tenantId, hashes);
      const conversations = await eraseContacts(tx, tenantId, ids, now);
      const former = await this.openFormer(tx, tenantId, contact.id, await formerAddressesOf(tx, tenantId, ids));
      await eraseHashesOfFormerOwners(tx, tenantId, hashes);
      await eraseFormerAddresses(tx, tenantId, ids, hashes);
      const names = [...ids, ...readableAddresses(sealer, identities), ...(locked.externalId === null ? [] : [locked.externalId])];
      const erasure = await this.open(tx, caller, { contactId: contact.id, addressHashes: hashes, sealed: sealer.seal(names, tenantId) });
      return { erasures: [erasure, ...former], conversations };
    });
  }

  /** Each reaches what came until the address was taken away: what came later is whose it has become. */
  private async openFormer(
    tx: Transaction<unknown>,
    tenantId: string,
    contactId: string,
    former: readonly FormerAddress[],
  ): Promise<OpenErasure[]> {
    const rows = former.map(({ addressHash, removedAt }) =>
      erasureRow({ id: newId(), tenantId, contactId, addressHashes: [addressHash], sealed: null }, removedAt),
    );
    for (const row of rows) await insertErasure(tx, row);
    return rows;
  }

  private async open(
    tx: Transaction<unknown>,
    caller: Caller,
    begun: Pick<OpenErasure, 'contactId' | 'addressHashes' | 'sealed'>,
  ): Promise<OpenErasure> {
    const id = newId();
    const subject = begun.contactId === null ? `erasure:${id}` : `contact:${begun.contactId}`;
    await this.services.audit.record(tx, caller, { action: 'contact.erased', subject, detail: { erasure: id } });
    // Last of all: what was accepted while this waited for locks was accepted before.
    const row = erasureRow({ ...begun, id, tenantId: caller.tenantId }, new Date(Date.now() + MARGIN_MS));
    await insertErasure(tx, row);
    return row;
  }
}

const isOpen = (erasure: ErasureRow): erasure is OpenErasure => erasure.addressHashes !== null && erasure.finishedAt === null;

/** Its first turn is now; the clock's comes when this process is gone. */
const erasureRow = (
  begun: Pick<OpenErasure, 'id' | 'tenantId' | 'contactId' | 'addressHashes' | 'sealed'>,
  requestedAt: Date,
): OpenErasure => ({
  ...begun,
  requestedAt,
  nextAt: new Date(Date.now() + MARGIN_MS + 2 * PATIENCE_MS),
  messages: 0,
  inboundMessages: 0,
  finishedAt: null,
});
