import type { Caller } from '../accounts/caller.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactService } from '../contacts/contact.service.js';
import type { Database } from '../platform/database/database.js';
import type { ContactHashes } from './contact-hashes.js';
import { countMessagesOf, listMessagesOf, type ContactHash, type MessageOfContact } from './contact-messages.queries.js';
import type { MessageRow } from './message.row.js';
import type { MessageSearch, MessageService } from './message.service.js';

/** Messages belong to whoever has the address they went to, from whenever that became known. */
export class ContactMessages {
  constructor(
    private readonly db: Database,
    private readonly contacts: ContactService,
    private readonly hashes: ContactHashes,
    private readonly messages: MessageService,
  ) {}

  /** Of each contact newest first; one row more than `page.limit` when there are more. */
  async list(
    caller: Caller,
    contactIds: readonly string[],
    search: MessageSearch,
    page: { limit: number; after: string | null },
  ): Promise<MessageOfContact[]> {
    const hashes = await this.pairs(caller, contactIds);
    return listMessagesOf(this.db.sql, caller.tenantId, hashes, await this.messages.filterOf(caller, search), page);
  }

  async count(caller: Caller, contactIds: readonly string[], search: MessageSearch): Promise<Map<string, number>> {
    const hashes = await this.pairs(caller, contactIds);
    const counts = await countMessagesOf(this.db.sql, caller.tenantId, hashes, await this.messages.filterOf(caller, search));
    return new Map(counts.map(({ contactId, count }) => [contactId, count]));
  }

  /** Whom each message went to, in their order; null where nobody is known by the address. */
  async contactsOf(caller: Caller, messages: readonly Pick<MessageRow, 'toHash'>[]): Promise<(ContactRow | null)[]> {
    const unique = new Map(messages.map(({ toHash }) => [toHash.toString('hex'), toHash]));
    const found = await this.contacts.byAddressHashes(caller.tenantId, [...unique.values()]);
    const byHash = new Map(found.map((contact) => [contact.addressHash.toString('hex'), contact]));
    return messages.map(({ toHash }) => byHash.get(toHash.toString('hex')) ?? null);
  }

  private async pairs({ tenantId }: Caller, contactIds: readonly string[]): Promise<ContactHash[]> {
    const hashes = await this.hashes.of(tenantId, contactIds);
    return [...hashes].flatMap(([contactId, some]) => some.map((hash) => ({ contactId, hash })));
  }
}
