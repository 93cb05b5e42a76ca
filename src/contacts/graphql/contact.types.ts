import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { DateTime, Locale, TimeZone } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { Channel } from '../../vocabulary.js';

@ObjectType('ContactIdentity', { description: 'An address that a person is known by' })
export class ContactIdentityType {
  @Field(() => Channel, {
    description: 'What kind of address it is: SMS for a number, also where it is reached by WhatsApp; WHATSAPP for a user id',
  })
  channel!: Channel;

  @Field(() => DateTime, { nullable: true, description: 'When a message last came from it' })
  lastSeenAt!: Date | null;
}

@ObjectType('Contact', {
  description: 'A person, by every address that is known of them. Messages find their contact by the address they go to',
})
export class ContactType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: "The id in the caller's own system: patient or customer" })
  externalId!: string | null;

  @Field(() => Locale, { nullable: true, description: 'That the person reads' })
  language!: string | null;

  @Field(() => TimeZone, { nullable: true, description: "Null: the tenant's" })
  timeZone!: string | null;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'Since then nothing is known of the person but opt-outs, as keyed hashes' })
  erasedAt!: Date | null;
}

export const ContactConnection = connectionOf('Contact', () => ContactType, { totalCount: true });

@ObjectType()
export class ContactPayload {
  @Field(() => ContactType, { nullable: true, description: 'As it is now; null when something was refused' })
  contact?: ContactType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was' })
  userErrors!: UserErrorType[];
}
