import 'reflect-metadata';
import { Field, InputType, Int } from 'type-graphql';
import { ContactRefInput } from '../../contacts/graphql/contact-ref.types.js';
import { DateTime, JSONObject, Locale } from '../../graphql/scalars.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { ConsentSource } from '../consent.row.js';

const DAY_SECONDS = 86_400;

@InputType()
export class ConsentInput {
  @Field(() => ContactRefInput)
  contact!: ContactRefInput;

  @Field(() => [Channel], { description: 'At least one' })
  channels!: Channel[];

  @Field(() => [MessageCategory], { defaultValue: [MessageCategory.UTILITY], description: 'At least one' })
  categories!: MessageCategory[];

  @Field(() => ConsentSource, { defaultValue: ConsentSource.API, description: 'Not KEYWORD, DOUBLE_OPT_IN or PROVIDER' })
  source!: ConsentSource;

  @Field(() => String, { nullable: true, description: 'What the person was told when they agreed: at most 2,000 characters' })
  statement?: string | null;

  @Field(() => JSONObject, { nullable: true, description: 'Whatever proves it: at most 10,000 characters of JSON; kept encrypted' })
  evidence?: Record<string, unknown> | null;

  @Field(() => DateTime, { nullable: true, description: 'Of a grant: in the future; from then on it is NONE' })
  expiresAt?: Date | null;
}

@InputType({ description: 'Sends the question; the answer YES (or the code in a link) grants it' })
export class RequestOptInInput {
  @Field(() => ContactRefInput)
  contact!: ContactRefInput;

  @Field(() => Channel, { description: 'That is asked on, and about' })
  channel!: Channel;

  @Field(() => [MessageCategory], { description: 'Those that are granted already are not asked for' })
  categories!: MessageCategory[];

  @Field(() => String, { description: 'What the person is asked to agree to: at most 1,000 characters' })
  statement!: string;

  @Field(() => Locale, { nullable: true, description: "Of the question; left out: the contact's" })
  language?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A page of yours, with {token} in its address, which is sent along: it hands the token to confirmOptIn',
  })
  confirmUrl?: string | null;

  @Field(() => Int, {
    defaultValue: 7 * DAY_SECONDS,
    description: 'How long an answer counts, and the question may go out: a minute to 30 days',
  })
  validSeconds!: number;
}

@InputType()
export class ConfirmOptInInput {
  @Field(() => String)
  token!: string;
}

@InputType()
export class PreferenceInput {
  @Field(() => String, { description: 'As messages have it: at most 100 letters, digits, dots, colons, hyphens or underscores' })
  topic!: string;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => Boolean)
  enabled!: boolean;
}

@InputType()
export class SetPreferencesInput {
  @Field(() => ContactRefInput)
  contact!: ContactRefInput;

  @Field(() => [PreferenceInput], { description: 'At most 100; those that are not named stay as they are' })
  preferences!: PreferenceInput[];
}

@InputType()
export class CreatePreferenceLinkInput {
  @Field(() => ContactRefInput)
  contact!: ContactRefInput;

  @Field(() => Int, { defaultValue: 30 * DAY_SECONDS, description: 'How long it works: a minute to 366 days' })
  validSeconds!: number;
}

@InputType()
export class ConsentScopeInput {
  @Field(() => [Channel], { description: 'At least one' })
  channels!: Channel[];

  @Field(() => [MessageCategory], { description: 'At least one' })
  categories!: MessageCategory[];
}

@InputType()
export class UpdatePreferencePageInput {
  @Field(() => String)
  token!: string;

  @Field(() => [PreferenceInput], { defaultValue: [], description: 'At most 100; those that are not named stay as they are' })
  preferences!: PreferenceInput[];

  @Field(() => [ConsentScopeInput], { defaultValue: [], description: 'What the person withdraws; to agree again they are asked anew' })
  withdraw!: ConsentScopeInput[];

  @Field(() => JSONObject, { nullable: true, description: 'E.g. the address and the browser that the page was opened from' })
  evidence?: Record<string, unknown> | null;
}
