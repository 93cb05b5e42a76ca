import 'reflect-metadata';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime, JSONObject, Locale } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import type { TemplateTranslation } from '../template-content.js';
import type { IssueSeverity, TemplateIssue } from '../template-issue.js';
import { TemplateState } from '../template.row.js';

registerEnumType(TemplateState, {
  name: 'TemplateState',
  valuesConfig: {
    DRAFT: { description: 'Cannot be sent: no version is published' },
    PUBLISHED: { description: 'Can be sent, while it is enabled' },
    ARCHIVED: { description: 'Out of use and out of the lists, until a version is saved or published again' },
  },
});

const Severity = { ERROR: 'ERROR', WARNING: 'WARNING', INFO: 'INFO' } satisfies Record<IssueSeverity, IssueSeverity>;
registerEnumType(Severity, {
  name: 'IssueSeverity',
  valuesConfig: {
    ERROR: { description: 'Keeps the text from being published' },
    WARNING: { description: 'Likely a mistake' },
    INFO: { description: 'Could be better or cheaper' },
  },
});

@ObjectType('TemplateIssue', { description: 'Something to put right in a template' })
export class TemplateIssueType implements TemplateIssue {
  @Field(() => Severity)
  severity!: IssueSeverity;

  @Field(() => String, { description: 'Stable, e.g. PHI_IDENTIFIER' })
  code!: string;

  @Field(() => String, { description: 'For people, in English' })
  message!: string;

  @Field(() => Locale, { nullable: true, description: 'Of the translation; null: of the whole' })
  language!: string | null;

  @Field(() => Int, { nullable: true, description: 'In the body, from 1' })
  line!: number | null;
}

@ObjectType('TemplateTranslation', { description: 'A text in one language, for one channel or for all' })
export class TemplateTranslationType implements TemplateTranslation {
  @Field(() => Locale)
  language!: string;

  @Field(() => Channel, { nullable: true, description: 'Null: every channel that has no text of its own in this language' })
  channel!: Channel | null;

  @Field(() => String, { nullable: true, description: 'Of emails; may hold variables' })
  subject!: string | null;

  @Field(() => String, { description: 'Liquid: {{ variable | filter }}, {% if %}, {% for %}' })
  body!: string;

  @Field(() => [String])
  mediaUrls!: string[];

  @Field(() => JSONObject, {
    description:
      'Approved names on the provider\'s side: twilio { contentSid, variables }, whatsapp { template, language, parameters }, dlt { templateId, entityId }. Parameters are written like the inside of {{ }}, e.g. "startsAt | date"',
  })
  providerRefs!: Record<string, unknown>;
}

@ObjectType('TemplateVersion', { description: 'What a template said at a time; never changes once it was published' })
export class TemplateVersionType {
  @Field(() => Int, { description: 'From 1' })
  version!: number;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => String, { nullable: true, description: 'Name of the key; null: it came with the program' })
  createdBy!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was first published; null: it never was' })
  publishedAt!: Date | null;

  @Field(() => [TemplateTranslationType])
  translations!: TemplateTranslationType[];

  @Field(() => [String], { description: 'What a send must give, as paths: order.total' })
  variables!: string[];

  @Field(() => [String], { description: 'What a send may give: used only behind an {% if %} that tests it, or with a default' })
  optionalVariables!: string[];

  @Field(() => [TemplateIssueType], { description: 'Found when it was saved' })
  issues!: TemplateIssueType[];
}

@ObjectType('Template', { description: 'A text to send by its code, in versions and languages' })
export class TemplateType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'Stable name, e.g. appointment_reminder_24h' })
  code!: string;

  @Field(() => String, { description: 'For people' })
  name!: string;

  @Field(() => MessageCategory, { description: 'Of everything sent with it, whatever the send says' })
  category!: MessageCategory;

  @Field(() => String, { nullable: true, description: 'Of what is sent with it, unless the send names another' })
  topic!: string | null;

  @Field(() => [Channel], { description: 'Those it can be sent on' })
  channels!: Channel[];

  @Field(() => TemplateState)
  state!: TemplateState;

  @Field(() => Boolean, { description: 'While it is not, sends with it are refused' })
  enabled!: boolean;
}

@ObjectType()
export class TemplatePayload {
  @Field(() => TemplateType, { nullable: true, description: 'As it is now; null when something was refused' })
  template?: TemplateType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was' })
  userErrors!: UserErrorType[];
}
