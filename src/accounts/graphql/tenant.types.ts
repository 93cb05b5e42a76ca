import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Locale, TimeZone } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { MessageCategory } from '../../vocabulary.js';

@ObjectType('QuietHours', {
  description: 'When messages of these categories are to wait, in the time zone of the person they go to; stored, and not acted on yet',
})
export class QuietHoursType {
  @Field(() => String, { description: 'HH:MM' })
  start!: string;

  @Field(() => String, { description: 'HH:MM; before `start` when the hours pass midnight' })
  end!: string;

  @Field(() => [MessageCategory])
  categories!: MessageCategory[];
}

@ObjectType('FrequencyCap', {
  description: 'At most `max` messages of a category to one person within `perSeconds`; stored, and not acted on yet',
})
export class FrequencyCapType {
  @Field(() => MessageCategory)
  category!: MessageCategory;

  @Field(() => Int)
  max!: number;

  @Field(() => Int)
  perSeconds!: number;
}

@ObjectType('Tenant', { description: 'An organisation: it owns its keys, messages and settings, and sees nothing of others' })
export class TenantType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'For people' })
  name!: string;

  @Field(() => String, { description: 'Short name, part of its keys; never changes' })
  slug!: string;

  @Field(() => TimeZone, { description: 'For people whose own is not known' })
  timeZone!: string;

  @Field(() => String, { nullable: true, description: 'ISO 3166 code: the country of numbers given without a calling code' })
  defaultCountry?: string | null;

  @Field(() => Locale, { nullable: true, description: 'Of templates, for people whose own is not known or not among the translations' })
  defaultLanguage?: string | null;

  @Field(() => String, { description: 'ISO 4217' })
  currency!: string;

  @Field(() => QuietHoursType, { nullable: true, description: 'Stored, and not acted on yet' })
  quietHours?: QuietHoursType | null;

  @Field(() => Boolean, { description: 'When false nothing is sent, and what waits keeps waiting' })
  messagingEnabled!: boolean;

  @Field(() => Int, { description: 'Days after which messages are to be deleted; stored, and not acted on yet: nothing is deleted' })
  retentionDays!: number;

  @Field(() => [MessageCategory], {
    description:
      'Categories that may be sent without recorded consent until it is withdrawn; never MARKETING. Stored, and not acted on yet: no consent is asked for any',
  })
  impliedConsent!: MessageCategory[];

  @Field(() => [String], { nullable: true, description: 'ISO 3166 codes of the countries that may be sent to; null for all' })
  allowedCountries?: string[] | null;

  @Field(() => [FrequencyCapType], { description: 'Stored, and not acted on yet' })
  frequencyCaps!: FrequencyCapType[];
}

@ObjectType()
export class TenantPayload {
  @Field(() => TenantType, { nullable: true, description: 'As it is now; null when something was refused' })
  tenant?: TenantType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was' })
  userErrors!: UserErrorType[];
}
