import 'reflect-metadata';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { ContactType } from '../../contacts/graphql/contact.types.js';
import { DateTime, Locale } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { ConsentSource, ConsentState } from '../consent.row.js';

registerEnumType(ConsentState, {
  name: 'ConsentState',
  description: 'What a person has agreed to',
  valuesConfig: {
    NONE: { description: 'Nothing was said, or what was granted has expired' },
    PENDING: { description: 'The person was asked, and has not answered (requestOptIn)' },
    GRANTED: { description: 'Agreed' },
    WITHDRAWN: { description: 'No longer agreed: nothing is sent' },
  },
});

registerEnumType(ConsentSource, {
  name: 'ConsentSource',
  description: 'How it is known',
  valuesConfig: {
    API: { description: 'A program said so' },
    IMPORT: { description: 'It stood in a file' },
    WEB_FORM: { description: 'A page on the web, that of preferences too' },
    KEYWORD: { description: 'The person answered STOP or START; never given by a caller' },
    DOUBLE_OPT_IN: { description: 'The person was asked, and agreed; never given by a caller' },
    PROVIDER: { description: 'The provider reports that the person opted out or in; never given by a caller' },
  },
});

@ObjectType('Consent', { description: 'What a person has agreed to on a channel, for a category' })
export class ConsentType {
  @Field(() => Channel)
  channel!: Channel;

  @Field(() => MessageCategory)
  category!: MessageCategory;

  @Field(() => ConsentSource, { nullable: true, description: 'How it is known' })
  source!: ConsentSource | null;

  @Field(() => DateTime, { description: 'When it was recorded' })
  updatedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'From then on it is NONE; null: it does not expire' })
  expiresAt!: Date | null;
}

@ObjectType('ConsentEvent', { description: 'A change of a consent. Never changed afterwards, and chained to the one before it' })
export class ConsentEventType {
  @Field(() => ID)
  id!: string;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => MessageCategory)
  category!: MessageCategory;

  @Field(() => ConsentSource, { description: 'How it is known' })
  source!: ConsentSource;

  @Field(() => String, { nullable: true, description: 'Name of the key that recorded it; null where the person said it to us' })
  actor!: string | null;

  @Field(() => DateTime, { description: 'When it was recorded' })
  at!: Date;

  @Field(() => Boolean, { description: 'Whether this event, and each before it in its chain, is as it was written: computed now' })
  verified!: boolean;
}

@ObjectType('Preference', { description: 'Whether a person wants to hear of a topic on a channel' })
export class PreferenceType {
  @Field(() => String)
  topic!: string;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => Boolean, { description: 'False: messages of the topic are not sent on the channel' })
  enabled!: boolean;
}

@ObjectType()
export class ConsentPayload {
  @Field(() => ContactType, { nullable: true, description: 'Null when something was refused' })
  contact?: ContactType | null;

  @Field(() => [ConsentType], { description: 'All of the contact, as they are now; empty when something was refused' })
  consents!: ConsentType[];

  @Field(() => String, {
    nullable: true,
    description: 'Of requestOptIn: what confirmOptIn takes, for a link of your own. Shown this once; null where nothing had to be asked',
  })
  token?: string | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was' })
  userErrors!: UserErrorType[];
}

@ObjectType('PreferencePage', { description: 'What the person who opened a link may see and change. Holds no name and no address' })
export class PreferencePageType {
  @Field(() => Locale, { nullable: true, description: 'That the person reads' })
  language!: string | null;

  @Field(() => [ConsentType], { description: 'What the person has agreed to' })
  consents!: ConsentType[];

  @Field(() => [PreferenceType], { description: 'What the person has said about topics; the others are wanted' })
  preferences!: PreferenceType[];

  @Field(() => DateTime, { description: 'When the link ends' })
  expiresAt!: Date;
}

@ObjectType()
export class PreferencePagePayload {
  @Field(() => PreferencePageType, { nullable: true, description: 'As it is now; null when something was refused' })
  page?: PreferencePageType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was' })
  userErrors!: UserErrorType[];
}

@ObjectType()
export class PreferenceLinkPayload {
  @Field(() => String, { nullable: true, description: 'To put into a link to your page; null when something was refused' })
  token?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ends; null when something was refused' })
  expiresAt?: Date | null;

  @Field(() => [UserErrorType], { description: 'Why none was made; empty when one was' })
  userErrors!: UserErrorType[];
}
