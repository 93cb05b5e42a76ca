import type { Channel, MessageCategory } from '../vocabulary.js';
import type { TemplateContent } from './template-content.js';
import type { TemplateIssue } from './template-issue.js';

/** Finds what must not, or should not, be sent. */
export type LintTemplate = (input: {
  code: string;
  category: MessageCategory;
  channels: Channel[];
  variables: string[];
  translations: { language: string; channel: Channel | null; subject: string | null; body: string }[];
  senderName?: string;
}) => TemplateIssue[];

/** As the linter takes it. */
export const lintInput = (
  code: string,
  content: TemplateContent,
  variables: string[],
  senderName: string,
): Parameters<LintTemplate>[0] => ({
  code,
  category: content.category,
  channels: content.channels,
  variables,
  translations: content.translations.map(({ language, channel, subject, body }) => ({ language, channel, subject, body })),
  senderName,
});
