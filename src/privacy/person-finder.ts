import type { Caller } from '../accounts/caller.js';
import { emailAddress, phoneAddress } from '../contacts/address.js';
import { readableAddresses } from '../contacts/contact-content.js';
import type { ContactTenants } from '../contacts/contact.ports.js';
import type { ContactRow, IdentityRow } from '../contacts/contact.row.js';
import type { ContactRef, ContactService } from '../contacts/contact.service.js';
import { Refusal } from '../errors.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';

/** Somebody of whom something may be held: a contact, or only an address that was written to. */
export interface Person {
  contact: ContactRow | null;
  identities: IdentityRow[];
  /** As they are sent to, where a key opens them. */
  addresses: string[];
  addressHashes: Buffer[];
}

export class PersonFinder {
  constructor(
    private readonly contacts: ContactService,
    private readonly tenants: ContactTenants,
    private readonly index: BlindIndex,
    private readonly sealer: Sealer,
  ) {}

  /** A number or email address that no contact has stands for itself. Throws Refusal: NOT_FOUND for another reference. */
  async find(caller: Caller, ref: ContactRef): Promise<Person> {
    const { tenantId } = caller;
    const contact = await this.contacts.find(caller, ref, ['contact']);
    if (contact) {
      const identities = await this.contacts.identities(tenantId, [contact.id]);
      const addresses = readableAddresses(this.sealer, identities);
      return { contact, identities, addresses, addressHashes: identities.map(({ addressHash }) => addressHash) };
    }
    const address = await this.addressOf(tenantId, ref);
    if (address === null) throw new Refusal('NOT_FOUND', 'There is no such contact.', ['contact']);
    return { contact: null, identities: [], addresses: [address], addressHashes: [this.index.hash(tenantId, address)] };
  }

  private async addressOf(tenantId: string, { phone, email }: ContactRef): Promise<string | null> {
    if (typeof phone === 'string')
      return phoneAddress(phone, (await this.tenants.settings(tenantId)).defaultCountry, ['contact', 'phone']).address;
    return typeof email === 'string' ? emailAddress(email, ['contact', 'email']).address : null;
  }
}
