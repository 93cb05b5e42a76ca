import { openAddress } from '../contacts/contact-content.js';
import type { ContactService } from '../contacts/contact.service.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';

/** What a person's messages are found by: the hashes of every address of theirs, by every key in use. */
export class ContactHashes {
  constructor(
    private readonly contacts: ContactService,
    private readonly sealer: Sealer,
    private readonly index: BlindIndex,
  ) {}

  /** None for those that nobody knows. */
  async of(tenantId: string, contactIds: readonly string[]): Promise<Map<string, Buffer[]>> {
    const identities = await this.contacts.identities(tenantId, contactIds);
    const hashes = new Map<string, Buffer[]>(contactIds.map((id) => [id, []]));
    for (const identity of identities)
      hashes.get(identity.contactId)?.push(...this.index.hashes(tenantId, openAddress(this.sealer, identity)));
    return hashes;
  }

  /** Of one, by its id or that of a contact that was merged into it. */
  async ofOne(tenantId: string, id: string): Promise<Buffer[]> {
    const [known] = await this.contacts.resolve(tenantId, [{ id }]);
    return (known?.identities ?? []).flatMap((identity) => this.index.hashes(tenantId, openAddress(this.sealer, identity)));
  }
}
