import { Field, InputType, Int } from 'type-graphql';
import { Locale, TimeZone } from '../../graphql/scalars.js';
import { MessageCategory } from '../../vocabulary.js';

@InputType()
export class QuietHoursInput {
  @Field(() => String, { description: 'HH:MM' })
  start!: string;

  @Field(() => String, { description: 'HH:MM; before `start` when the hours pass midnight' })
  end!: string;

  @Field(() => [MessageCategory], { description: 'Not AUTHENTICATION: codes never wait' })
  categories!: MessageCategory[];
}

@InputType()
export class FrequencyCapInput {
  @Field(() => MessageCategory)
  category!: MessageCategory;

  @Field(() => Int, { description: 'At least 1' })
  max!: number;

  @Field(() => Int, { description: 'At least 1' })
  perSeconds!: number;
}

@InputType({ description: 'What is left out stays as it is' })
export class TenantSettingsInput {
  @Field(() => String, { nullable: true, description: '1 to 100 characters' })
  name?: string | null;

  @Field(() => TimeZone, { nullable: true, description: 'For people whose own is not known' })
  timeZone?: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 3166 code; null: numbers need their calling code' })
  defaultCountry?: string | null;

  @Field(() => Locale, { nullable: true, description: 'For people whose own is not known; null: en' })
  defaultLanguage?: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 4217' })
  currency?: string | null;

  @Field(() => QuietHoursInput, { nullable: true, description: 'null: none' })
  quietHours?: QuietHoursInput | null;

  @Field(() => Boolean, { nullable: true, description: 'False: nothing is sent, and what waits keeps waiting' })
  messagingEnabled?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: '1 to 3650, and no shorter than the period of any frequency cap. A shorter time deletes in the next night',
  })
  retentionDays?: number | null;

  @Field(() => [MessageCategory], { nullable: true, description: 'Never MARKETING' })
  impliedConsent?: MessageCategory[] | null;

  @Field(() => [String], { nullable: true, description: 'ISO 3166 codes; null: all countries' })
  allowedCountries?: string[] | null;

  @Field(() => [FrequencyCapInput], { nullable: true, description: 'One for a category at most' })
  frequencyCaps?: FrequencyCapInput[] | null;
}
