import type { ContactService } from '../contacts/contact.service.js';

/** What a person's messages are found by: the hashes of every address of theirs. */
export class ContactHashes {
  constructor(private readonly contacts: ContactService) {}

  /** None for those that nobody knows. */
  async of(tenantId: string, contactIds: readonly string[]): Promise<Map<string, Buffer[]>> {
    const identities = await this.contacts.identities(tenantId, contactIds);
    const hashes = new Map<string, Buffer[]>(contactIds.map((id) => [id, []]));
    for (const { contactId, addressHash } of identities) hashes.get(contactId)?.push(addressHash);
    return hashes;
  }

  /** Of one, by its id or that of a contact that was merged into it. */
  async ofOne(tenantId: string, id: string): Promise<Buffer[]> {
    const [known] = await this.contacts.resolve(tenantId, [{ id }]);
    return (known?.identities ?? []).map(({ addressHash }) => addressHash);
  }
}
