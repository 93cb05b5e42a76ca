import 'reflect-metadata';
import { Field, InputType } from 'type-graphql';
import { ConsentState } from '../../consent/consent.row.js';
import { Locale, TimeZone } from '../../graphql/scalars.js';
import { Channel } from '../../vocabulary.js';
import type { UpsertContact } from '../contact-draft.js';
import type { ContactSearch } from '../contact.service.js';
import { ContactRefInput } from './contact-ref.types.js';

@InputType({ description: 'At least one of externalId, phone, email and whatsAppUserId. What is left out stays as it is' })
export class UpsertContactInput implements UpsertContact {
  @Field(() => String, { nullable: true, description: "The id in the caller's own system: 1 to 255 characters" })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: 'Written as in a send. Of several numbers, the one that was named last is used' })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: 'At most 254 characters; kept in lower case' })
  email?: string | null;

  @Field(() => String, { nullable: true, description: 'Of people on WhatsApp whose number may not be known, e.g. SA.13491208655302741918' })
  whatsAppUserId?: string | null;

  @Field(() => String, { nullable: true, description: 'The sender account that knows the user id; left out: any' })
  whatsAppScope?: string | null;

  @Field(() => String, { nullable: true, description: 'At most 200 characters; null takes it away' })
  name?: string | null;

  @Field(() => Locale, { nullable: true, description: 'null takes it away' })
  language?: string | null;

  @Field(() => TimeZone, { nullable: true, description: "null takes it away: then the tenant's counts" })
  timeZone?: string | null;
}

@InputType()
export class RemoveContactAddressInput {
  @Field(() => ContactRefInput)
  contact!: ContactRefInput;

  @Field(() => String, { description: 'The number, email address or WhatsApp user id that is no longer theirs' })
  address!: string;
}

@InputType({ description: 'All that is given must match' })
export class ContactFilter implements ContactSearch {
  @Field(() => String, {
    nullable: true,
    description: 'A whole phone number, email address, WhatsApp user id or externalId. Names are not searched: they are stored encrypted',
  })
  search?: string | null;

  @Field(() => String, { nullable: true, description: 'The whole externalId' })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: 'A whole number, written as in a send' })
  phone?: string | null;

  @Field(() => ConsentState, { nullable: true, description: 'Of any category, on `channel` where that is given. NONE: of no category' })
  consent?: ConsentState | null;

  @Field(() => Channel, { nullable: true, description: 'Without `consent`: whoever has an address that it reaches' })
  channel?: Channel | null;
}
