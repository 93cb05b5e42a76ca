import { Refusal, type UserError } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { parametersOf, ProviderRefs } from './provider-refs.js';
import type { TemplateContent } from './template-content.js';
import type { TemplateIssue } from './template-issue.js';

/** Finds what must not, or should not, be sent. */
export type LintTemplate = (input: {
  code: string;
  category: MessageCategory;
  channels: Channel[];
  variables: string[];
  translations: { language: string; channel: Channel | null; subject: string | null; body: string; parameters: string[] }[];
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
  translations: content.translations.map(({ language, channel, subject, body, providerRefs }) => ({
    language,
    channel,
    subject,
    body,
    parameters: parametersOf(ProviderRefs.safeParse(providerRefs).data ?? {}),
  })),
  senderName,
});

/** Throws Refusal with every ERROR. */
export function refuseErrors(issues: readonly TemplateIssue[], place: (issue: TemplateIssue) => string[]): void {
  const reasons = issues
    .filter(({ severity }) => severity === 'ERROR')
    .map((issue): UserError => {
      const where = [issue.language, issue.line === null ? null : `line ${issue.line}`].filter(Boolean).join(', ');
      const code = issue.code.startsWith('PHI') ? 'PHI_DETECTED' : 'TEMPLATE_INVALID';
      return { code, message: where ? `${where}: ${issue.message}` : issue.message, field: place(issue) };
    });
  if (reasons.length > 0) throw new Refusal(reasons);
}

/** Into the input of a save. */
export function placeOf({ language, channel = null, part = 'body' }: TemplateIssue, { translations }: TemplateContent): string[] {
  const index = translations.findIndex((one) => one.language === language && one.channel === channel);
  return index === -1 ? ['translations'] : ['translations', String(index), part];
}
