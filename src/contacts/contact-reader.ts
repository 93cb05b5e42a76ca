import { seesPersonalData } from '../accounts/rights.js';
import type { Caller } from '../accounts/caller.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { maskAddress } from '../platform/masking.js';
import type { Channel } from '../vocabulary.js';
import { openAddress, openContact } from './contact-content.js';
import type { ContactRow, IdentityRow } from './contact.row.js';

const MASKED = '•••';

/** Shows the personal part of a contact to those who may see it, and a mask to others. */
export class ContactReader {
  constructor(private readonly sealer: Sealer) {}

  name(row: ContactRow, { role }: Caller): string | null {
    const { name } = openContact(this.sealer, row);
    return name === null || seesPersonalData(role) ? name : MASKED;
  }

  address(identity: IdentityRow, { role }: Caller): string {
    const address = openAddress(this.sealer, identity);
    return seesPersonalData(role) ? address : maskAddress(address);
  }

  /** Of several addresses of the kind, the one that was named last. */
  latest(identities: readonly IdentityRow[], channel: Channel, caller: Caller): string | null {
    const identity = identities.find((one) => one.channel === channel);
    return identity ? this.address(identity, caller) : null;
  }

  /** Where a message to the contact goes on that channel, unmasked; null where it cannot be reached there. */
  addressOn(identities: readonly IdentityRow[], channel: Channel): string | null {
    const kinds: Channel[] = channel === 'WHATSAPP' ? ['SMS', 'WHATSAPP'] : [channel];
    const identity = kinds.flatMap((kind) => identities.find((one) => one.channel === kind) ?? [])[0];
    return identity ? openAddress(this.sealer, identity) : null;
  }
}
