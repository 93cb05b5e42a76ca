import type { Channel, MessageCategory } from '../../vocabulary.js';
import { pickTranslation } from '../language-fallback.js';
import type { TemplatePart } from '../template-fault.js';
import type { IssueSeverity, TemplateIssue } from '../template-issue.js';
import type { BodyText } from './body-text.js';

export interface LintTranslation {
  language: string;
  channel: Channel | null;
  subject: string | null;
  body: string;
  /** What the provider fills into its own text, each written like the inside of `{{ }}`. */
  parameters?: string[];
}

export interface LintInput {
  code: string;
  category: MessageCategory;
  channels: Channel[];
  variables: string[];
  translations: LintTranslation[];
  senderName?: string;
}

/** A text of the template, read. Only bodies have lines. */
export interface ReadText extends BodyText {
  translation: LintTranslation;
  part: TemplatePart;
}

export const LintCode = {
  PHI_HEALTH: 'PHI_HEALTH',
  PHI_IDENTIFIER: 'PHI_IDENTIFIER',
  PHI_CONTACT: 'PHI_CONTACT',
  PHI_LINK: 'PHI_LINK',
  PHI_VARIABLE: 'PHI_VARIABLE',
  FREE_TEXT_VARIABLE: 'FREE_TEXT_VARIABLE',
  SHORTENED_LINK: 'SHORTENED_LINK',
  SENDER_MISSING: 'SENDER_MISSING',
  OPT_OUT_MISSING: 'OPT_OUT_MISSING',
  AVOIDABLE_UCS2: 'AVOIDABLE_UCS2',
} as const;
export type LintCode = (typeof LintCode)[keyof typeof LintCode];

const PREFIX: Record<TemplatePart, string> = { body: '', subject: 'Subject: ', providerRefs: 'Parameter: ' };

export function issueAt(text: ReadText, offset: number | null, severity: IssueSeverity, code: LintCode, message: string): TemplateIssue {
  const line = text.part !== 'body' || offset === null ? null : text.lineAt(offset);
  const { language, channel } = text.translation;
  return { severity, code, message: PREFIX[text.part] + message, language, channel, part: text.part, line };
}

/** Whether a translation can go out on the channel: one for all does not where its language has a text of the channel's own. */
export const goesOutOn = (translation: LintTranslation, channel: Channel, { channels, translations }: LintInput): boolean =>
  channels.includes(channel) && pickTranslation(translations, channel, [translation.language]) === translation;
