import 'reflect-metadata';
import { Field, InputType, Int } from 'type-graphql';
import { JSONObject, Locale } from '../../graphql/scalars.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import type { SaveTemplate } from '../template.service.js';

@InputType()
class TemplateTranslationInput {
  @Field(() => Locale)
  language!: string;

  @Field(() => Channel, { nullable: true, description: 'Null: every channel that has no text of its own in this language' })
  channel?: Channel | null;

  @Field(() => String, { nullable: true, description: 'Of emails: one line of at most 200 characters' })
  subject?: string | null;

  @Field(() => String, { description: 'Liquid; at most 20,000 characters' })
  body!: string;

  @Field(() => [String], { nullable: true, description: 'At most 10 http or https addresses' })
  mediaUrls?: string[] | null;

  @Field(() => JSONObject, { nullable: true, description: 'As in TemplateTranslation' })
  providerRefs?: Record<string, unknown> | null;
}

@InputType()
export class SaveTemplateInput {
  @Field(() => String, { description: 'Lower-case letters, digits and underscores: at most 100, the first a letter' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'At most 200 characters; left out: as before, or made from the code' })
  name?: string | null;

  @Field(() => MessageCategory, { nullable: true, description: 'Left out: as before, or UTILITY' })
  category?: MessageCategory | null;

  @Field(() => String, { nullable: true, description: 'Left out: as before; null: none' })
  topic?: string | null;

  @Field(() => [Channel], { nullable: true, description: 'Left out: as before, or SMS' })
  channels?: Channel[] | null;

  @Field(() => [TemplateTranslationInput], { description: 'All of them: those that are left out are gone from the new version' })
  translations!: TemplateTranslationInput[];

  @Field(() => Boolean, { defaultValue: false, description: 'Publish the new version at once' })
  publish!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'The newest version that you know, 0 for none: CONFLICT when there is a newer one. Left out: whatever there is',
  })
  expectedVersion?: number | null;
}

export const toSaveTemplate = (input: SaveTemplateInput): SaveTemplate => ({
  code: input.code,
  name: input.name ?? undefined,
  category: input.category ?? undefined,
  topic: input.topic,
  channels: input.channels ?? undefined,
  translations: input.translations.map(({ language, channel, subject, body, mediaUrls, providerRefs }) => ({
    language,
    channel: channel ?? null,
    subject: subject ?? null,
    body,
    mediaUrls: mediaUrls ?? [],
    providerRefs: providerRefs ?? {},
  })),
  publish: input.publish,
  expectedVersion: input.expectedVersion ?? null,
});
