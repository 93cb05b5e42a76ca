import { distinctHashes } from '../contacts/contact.row.js';
import type { ContactService } from '../contacts/contact.service.js';

/** What a person's messages are found by: the hashes of every address of theirs. */
export class ContactHashes {
  constructor(private readonly contacts: ContactService) {}

  /** None for those that nobody knows. */
  async of(tenantId: string, contactIds: readonly string[]): Promise<Map<string, Buffer[]>> {
    const identities = await this.contacts.identities(tenantId, contactIds);
    const byContact = Map.groupBy(identities, ({ contactId }) => contactId);
    return new Map(contactIds.map((id) => [id, distinctHashes(byContact.get(id) ?? [])]));
  }

  /** Of one, by its id or that of a contact that was merged into it. */
  async ofOne(tenantId: string, id: string): Promise<Buffer[]> {
    const [known] = await this.contacts.resolve(tenantId, [{ id }]);
    return distinctHashes(known?.identities ?? []);
  }
}
