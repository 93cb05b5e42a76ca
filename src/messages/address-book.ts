import { isWhatsAppUserId } from '../contacts/address.js';
import { parsePhoneNumber } from '../contacts/phone-number.js';
import { Refusal } from '../errors.js';
import { inSlices } from '../platform/batching/in-slices.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { isUuid } from '../platform/ids.js';
import type { Channel } from '../vocabulary.js';
import type { ContactDirectory, KnownContact, SendingTenant } from './message.ports.js';
import type { Addressed, Destination, Recipient, RecipientField } from './recipient.js';

export interface AddressQuestion {
  tenantId: string;
  tenant: Pick<SendingTenant, 'defaultCountry' | 'allowedCountries'>;
  /** In the order in which they are to be tried. */
  channels: readonly Channel[];
  /** When the request began. */
  now: Date;
}

const FIELDS: readonly RecipientField[] = ['to', 'contactId', 'externalId'];
const LONGEST_EXTERNAL_ID = 255;

/** Finds out where recipients are reached: from an address as it is typed, or from what is known of a contact. */
export class AddressBook {
  constructor(
    private readonly contacts: ContactDirectory,
    private readonly index: BlindIndex,
  ) {}

  /** Of each recipient, in their order, or why not. All contacts are looked up at once. */
  async find(question: AddressQuestion, recipients: readonly Recipient[]): Promise<(Addressed | Refusal)[]> {
    const named = recipients.map(fieldOf);
    const contacts = await this.contactsOf(question.tenantId, recipients, named);
    const found: (Addressed | Refusal)[] = [];
    await inSlices(recipients, question.now, (recipient, n) => {
      const field = named[n] ?? nobody();
      found.push(field instanceof Refusal ? field : this.findOne(question, recipient, field, contacts.get(n) ?? null));
    });
    return found;
  }

  private findOne(
    question: AddressQuestion,
    recipient: Recipient,
    field: RecipientField,
    contact: KnownContact | null,
  ): Addressed | Refusal {
    try {
      return field === 'to' ? this.typed(question, recipient) : this.known(question, recipient, field, contact);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  private async contactsOf(
    tenantId: string,
    recipients: readonly Recipient[],
    named: readonly (RecipientField | Refusal)[],
  ): Promise<Map<number, KnownContact | null>> {
    const asked = recipients.flatMap((recipient, n) => (named[n] === 'contactId' || named[n] === 'externalId' ? [{ recipient, n }] : []));
    if (asked.length === 0) return new Map();
    const found = await this.contacts.resolve(
      tenantId,
      asked.map(({ recipient: { contactId, externalId } }) => ({ contactId, externalId })),
    );
    return new Map(asked.map(({ n }, place) => [n, found[place] ?? null]));
  }

  private typed(question: AddressQuestion, recipient: Recipient): Addressed {
    const destinations = question.channels.flatMap((channel, place) =>
      // A landline can have WhatsApp and no SMS: only what the first channel says against a number is said to the caller.
      this.attempt(place > 0, () => this.destination(question, channel, recipient.to ?? '')),
    );
    return { recipient, field: 'to', destinations };
  }

  private known(question: AddressQuestion, recipient: Recipient, field: RecipientField, contact: KnownContact | null): Addressed {
    if (!contact) throw notFound(field);
    const reachable = question.channels.filter((channel) => contact.addresses[channel] !== undefined);
    if (reachable.length === 0)
      throw new Refusal('INVALID_INPUT', `No address of this contact is known for ${question.channels.join(' or ')}.`, [field]);
    const destinations = reachable.flatMap((channel, place) =>
      this.attempt(place > 0, () => this.destination(question, channel, contact.addresses[channel] ?? '', field)),
    );
    return { recipient, field, destinations };
  }

  private destination({ tenantId, tenant }: AddressQuestion, channel: Channel, address: string, field: RecipientField = 'to'): Destination {
    const isUserId = channel === 'WHATSAPP' && isWhatsAppUserId(address);
    const isNumber = address.startsWith('+') || (field === 'to' && !isUserId);
    const { e164, country } = isNumber
      ? atField(field, () => parsePhoneNumber(address, { channel, ...tenant }))
      : { e164: address, country: null };
    return { channel, address: e164, country, hash: this.index.hash(tenantId, e164) };
  }

  private attempt<T>(optional: boolean, read: () => T): T[] {
    try {
      return [read()];
    } catch (error) {
      if (optional && error instanceof Refusal) return [];
      throw error;
    }
  }
}

const nobody = (): Refusal => new Refusal('INVALID_INPUT', 'Say whom to send to.', ['to']);

/** How the recipient is named, or what is wrong with it. */
function fieldOf(recipient: Recipient): RecipientField | Refusal {
  const given = FIELDS.filter((field) => recipient[field]?.trim());
  const [field, second] = given;
  if (!field) return nobody();
  if (second) return new Refusal('INVALID_INPUT', 'Name the recipient by one of to, contactId and externalId.', [second]);
  if (field === 'contactId' && !isUuid(recipient.contactId ?? '')) return notFound(field);
  if (field === 'externalId' && !isExternalId(recipient.externalId ?? '')) return notFound(field);
  return field;
}

const notFound = (field: RecipientField): Refusal => new Refusal('NOT_FOUND', 'There is no such contact.', [field]);

/** With U+0000 PostgreSQL would refuse it, and with it everybody who is looked up in the same statement. */
const isExternalId = (id: string): boolean => id.length <= LONGEST_EXTERNAL_ID && !id.includes('\0');

function atField<T>(field: RecipientField, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (field === 'to' || !(error instanceof Refusal)) throw error;
    throw error.at(() => [field]);
  }
}
