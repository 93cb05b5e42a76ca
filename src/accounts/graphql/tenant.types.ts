import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Locale, TimeZone } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { MessageCategory } from '../../vocabulary.js';

@ObjectType('QuietHours', {
  description:
    "When messages of these categories wait, by the clock where the person is, or else by the tenant's. What would come after its expiresAt then is refused with QUIET_HOURS, or EXPIRED",
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
  description:
    'At most `max` messages of a category to one address within `perSeconds`: RATE_LIMITED, or SUPPRESSED where others went out first',
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

  @Field(() => QuietHoursType, { nullable: true, description: 'Null: none' })
  quietHours?: QuietHoursType | null;

  @Field(() => Boolean, { description: 'When false nothing is sent, and what waits keeps waiting' })
  messagingEnabled!: boolean;

  @Field(() => Int, {
    description:
      "Whole days (UTC) after which messages that have ended, what was told of them, and what people wrote are deleted, in the night from 02:00 of the tenant's time on. Whatever happens to a message begins its time anew. Statistics, counts of batches, contacts and consents stay",
  })
  retentionDays!: number;

  @Field(() => [MessageCategory], {
    description:
      'Categories that may be sent without recorded consent until it is withdrawn; never MARKETING. Empty for new tenants: then UTILITY needs consent. AUTHENTICATION and SERVICE need none, and are stopped by an opt-out',
  })
  impliedConsent!: MessageCategory[];

  @Field(() => [String], { nullable: true, description: 'ISO 3166 codes of the countries that may be sent to; null for all' })
  allowedCountries?: string[] | null;

  @Field(() => [FrequencyCapType], { description: 'One for a category at most' })
  frequencyCaps!: FrequencyCapType[];
}

@ObjectType()
export class TenantPayload {
  @Field(() => TenantType, { nullable: true, description: 'As it is now; null when something was refused' })
  tenant?: TenantType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was' })
  userErrors!: UserErrorType[];
}
