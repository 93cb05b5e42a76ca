import 'reflect-metadata';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { JSONObject, Locale } from '../../graphql/scalars.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import type { PreviewTemplate, TemplatePreview } from '../template-preview.service.js';
import { TemplateIssueType } from './template.types.js';
import { TextAnalysisType } from './text-analysis.types.js';

@InputType()
export class PreviewTemplateInput {
  @Field(() => String, { nullable: true, description: 'A saved template; beside a body, where its category comes from' })
  code?: string | null;

  @Field(() => Int, { nullable: true, description: 'Left out: the published one, or else the newest' })
  version?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'A text that is still being written, instead of the saved one: at most 20,000 characters',
  })
  body?: string | null;

  @Field(() => String, { nullable: true, description: 'Beside a body' })
  subject?: string | null;

  @Field(() => MessageCategory, { nullable: true, description: "Of a body; left out: the template's, or UTILITY" })
  category?: MessageCategory | null;

  @Field(() => Locale, { nullable: true, description: "The reader's, or that of the body; left out: the tenant's defaultLanguage" })
  language?: string | null;

  @Field(() => Channel, { defaultValue: Channel.SMS })
  channel!: Channel;

  @Field(() => JSONObject, { nullable: true })
  variables?: Record<string, unknown> | null;

  @Field(() => [JSONObject], { nullable: true, description: 'At most 50 sets of variables, for worstCase; each is laid over `variables`' })
  samples?: Record<string, unknown>[] | null;
}

export const toPreview = (input: PreviewTemplateInput): PreviewTemplate => ({
  code: input.code ?? null,
  version: input.version ?? null,
  body: input.body ?? null,
  subject: input.subject ?? null,
  category: input.category ?? null,
  language: input.language ?? null,
  channel: input.channel,
  variables: input.variables ?? {},
  samples: input.samples ?? [],
});

@ObjectType('LanguageAnalysis', { description: 'What the text costs in one language' })
class LanguageAnalysisType {
  @Field(() => Locale)
  language!: string;

  @Field(() => TextAnalysisType)
  text!: TextAnalysisType;
}

@ObjectType('WorstCase', { description: 'The longest that a text becomes' })
class WorstCaseType {
  @Field(() => Int, { description: 'Which of the samples, from 0' })
  sample!: number;

  @Field(() => String)
  body!: string;

  @Field(() => TextAnalysisType)
  text!: TextAnalysisType;
}

@ObjectType('TemplatePreview', { description: 'What a template becomes with these variables' })
export class TemplatePreviewType implements TemplatePreview {
  @Field(() => String, { description: 'With [name] in the place of a missing variable; empty when it cannot be rendered' })
  body!: string;

  @Field(() => String, { nullable: true })
  subject!: string | null;

  @Field(() => Locale, { description: 'That of the translation which was found' })
  language!: string;

  @Field(() => TextAnalysisType, { description: 'Of the body' })
  text!: TextAnalysisType;

  @Field(() => [String], { description: 'A send without them is refused with TEMPLATE_VARIABLE_MISSING' })
  missingVariables!: string[];

  @Field(() => [TemplateIssueType], { description: 'Of this text; TEMPLATE_INVALID: it cannot be rendered' })
  issues!: TemplateIssueType[];

  @Field(() => [LanguageAnalysisType], { description: 'The same variables in every language of the template' })
  languages!: LanguageAnalysisType[];

  @Field(() => WorstCaseType, { nullable: true, description: 'The longest of the samples; null without any' })
  worstCase!: WorstCaseType | null;
}
