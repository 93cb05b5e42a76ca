import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { keepOptOuts, takePlaces } from '../consent/consent.queries.js';
import { openAddress } from '../contacts/contact-content.js';
import { contactsOfHashes, identitiesOf, lockContacts } from '../contacts/contact.queries.js';
import type { ContactRef } from '../contacts/contact.service.js';
import { holdSenders } from '../inbox/inbound.queries.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { contactIdsOf, eraseAnswerWindows, eraseContacts } from './erased-contact.queries.js';
import type { Erasure } from './erasure.js';
import { erasureOf, findErasure, insertErasure } from './erasure.queries.js';
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

/** Destroys what is known of a person, and keeps that they do not want to be messaged. */
export class EraseContactService {
  constructor(
    private readonly db: Database,
    private readonly finder: PersonFinder,
    private readonly sealer: Sealer,
    private readonly audit: AuditLog,
    private readonly erasure: Erasure,
  ) {}

  /** Once it answers, nothing more is sent. Erasing again goes on where the last time broke off. Throws Refusal NOT_FOUND. */
  async erase(caller: Caller, ref: ContactRef): Promise<ErasedContact> {
    let begun: ErasureRow | null = null;
    // Somebody who was merged meanwhile goes by another id now.
    while (begun === null) begun = await this.begin(caller, await this.finder.find(caller, ref));
    if (isOpen(begun)) await this.finish(begun);
    const { messages, inboundMessages } = (await findErasure(this.db.sql, caller.tenantId, begun.id)) ?? begun;
    return { erased: true, messages, inboundMessages };
  }

  private async finish(begun: OpenErasure): Promise<void> {
    await sleep(Math.min(Math.max(begun.requestedAt.getTime() - Date.now() + 1, 0), MARGIN_MS));
    await this.erasure.run(begun, new Date(Date.now() + PATIENCE_MS));
  }

  /** Everything that makes the person unknown, in one transaction; what they were sent and wrote follows. Null where they are to be found anew. */
  private begin(caller: Caller, { contact, addresses, addressHashes }: Person): Promise<ErasureRow | null> {
    const { tenantId } = caller;
    return this.db.transaction(async (tx) => {
      // Places before rows, as withdrawals take them.
      await takePlaces(tx, tenantId, addressHashes);
      // What somebody writes is applied before, or sees that they have been erased.
      await holdSenders(tx, tenantId, addressHashes);
      if (contact === null) {
        if ((await contactsOfHashes(tx, tenantId, addressHashes)).length > 0) return null;
        await keepOptOuts(tx, tenantId, [], addressHashes, new Date());
        return this.open(tx, caller, { contactId: null, addressHashes, sealed: this.sealer.seal(addresses, tenantId) });
      }
      const [locked] = await lockContacts(tx, tenantId, [contact.id]);
      if (!locked) return null;
      if (locked.erasedAt) return erasureOf(tx, tenantId, contact.id);
      const ids = await contactIdsOf(tx, tenantId, contact.id);
      const identities = await identitiesOf(tx, tenantId, ids);
      const hashes = identities.map(({ addressHash }) => addressHash);
      // Another address was named while this waited, whose place is not held.
      if (hashes.some((hash) => !addressHashes.some((held) => held.equals(hash)))) return null;
      const now = new Date();
      await keepOptOuts(tx, tenantId, ids, hashes, now);
      await eraseAnswerWindows(tx, tenantId, hashes);
      await eraseContacts(tx, tenantId, ids, now);
      const known = identities.map((identity) => openAddress(this.sealer, identity));
      const names = [...ids, ...known, ...(locked.externalId === null ? [] : [locked.externalId])];
      return this.open(tx, caller, { contactId: contact.id, addressHashes: hashes, sealed: this.sealer.seal(names, tenantId) });
    });
  }

  private async open(
    tx: Transaction<unknown>,
    caller: Caller,
    begun: Pick<OpenErasure, 'contactId' | 'addressHashes' | 'sealed'>,
  ): Promise<OpenErasure> {
    const { tenantId } = caller;
    const id = newId();
    const subject = begun.contactId === null ? `erasure:${id}` : `contact:${begun.contactId}`;
    await this.audit.record(tx, caller, { action: 'contact.erased', subject, detail: { erasure: id } });
    // Last of all: what was accepted while this waited for locks was accepted before.
    const requestedAt = new Date(Date.now() + MARGIN_MS);
    // Its first turn is now; the clock's comes when this process is gone.
    const nextAt = new Date(requestedAt.getTime() + 2 * PATIENCE_MS);
    const row = { ...begun, id, tenantId, requestedAt, nextAt, messages: 0, inboundMessages: 0, finishedAt: null };
    await insertErasure(tx, row);
    return row;
  }
}

const isOpen = (erasure: ErasureRow): erasure is OpenErasure => erasure.addressHashes !== null && erasure.finishedAt === null;
