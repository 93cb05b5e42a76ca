import { openAddress } from '../contacts/contact-content.js';
import type { ContactService } from '../contacts/contact.service.js';
import type { IdentityRow } from '../contacts/contact.row.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { Channel } from '../vocabulary.js';
import type { ContactDirectory, ContactRef, KnownContact } from './message.ports.js';

/** Kinds of addresses by which a channel reaches a person, the better ones first. */
const KINDS: Record<Channel, readonly Channel[]> = { SMS: ['SMS'], WHATSAPP: ['SMS', 'WHATSAPP'], EMAIL: ['EMAIL'] };

/** Where contacts are reached: of several addresses of a kind, by the one that was named last. */
export class ContactAddresses implements ContactDirectory {
  constructor(
    private readonly contacts: Pick<ContactService, 'resolve'>,
    private readonly sealer: Sealer,
  ) {}

  async resolve(tenantId: string, refs: readonly ContactRef[]): Promise<(KnownContact | null)[]> {
    const found = await this.contacts.resolve(
      tenantId,
      refs.map(({ contactId, externalId }) => (contactId === null ? { externalId } : { id: contactId })),
    );
    return found.map((known) => (known && !known.contact.erasedAt ? { addresses: this.addressesOf(known.identities) } : null));
  }

  private addressesOf(identities: readonly IdentityRow[]): KnownContact['addresses'] {
    const addresses: KnownContact['addresses'] = {};
    for (const channel of Object.values(Channel)) {
      const [identity] = KINDS[channel].flatMap((kind) => identities.find((one) => one.channel === kind) ?? []);
      if (identity) addresses[channel] = openAddress(this.sealer, identity);
    }
    return addresses;
  }
}
