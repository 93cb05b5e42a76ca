import type { IssueSeverity, TemplateIssue } from '../template-issue.js';
import { readBody, type BodyText } from './body-text.js';
import { contactRule } from './contact-rule.js';
import { encodingRule } from './encoding-rule.js';
import { asSeen } from './fold-word.js';
import { healthRule } from './health-rule.js';
import { identifierRule } from './identifier-rule.js';
import { linkRule } from './link-rule.js';
import type { LintInput, LintTranslation, ReadText } from './lint-input.js';
import { variableRule } from './variable-rule.js';
import { wordingRule } from './wording-rule.js';

const GRAVEST_FIRST: Record<IssueSeverity, number> = { ERROR: 0, WARNING: 1, INFO: 2 };

/** Nobody reads more. */
const MOST = 200;

/** What is wrong with a template before anybody gets it: health information, and what makes messages fail or cost more. */
export function lintTemplate(input: LintInput): TemplateIssue[] {
  const texts = input.translations.flatMap(textsOf);
  const issues = texts.flatMap((text) => [
    ...healthRule(text),
    ...identifierRule(text),
    ...contactRule(text),
    ...linkRule(text),
    ...wordingRule(text, input),
    ...encodingRule(text, input),
  ]);
  return [...variableRule(input.variables, texts), ...issues]
    .toSorted((a, b) => GRAVEST_FIRST[a.severity] - GRAVEST_FIRST[b.severity])
    .slice(0, MOST);
}

const textsOf = (translation: LintTranslation): ReadText[] => [
  { ...readSeen(translation.body), translation, part: 'body' },
  ...(translation.subject ? [{ ...readSeen(translation.subject), translation, part: 'subject' as const }] : []),
  ...(translation.parameters?.length ? [{ ...readSeen(asText(translation.parameters)), translation, part: 'providerRefs' as const }] : []),
];

const readSeen = (source: string): BodyText => readBody(asSeen(source));

const asText = (parameters: readonly string[]): string => parameters.map((parameter) => `{{ ${parameter} }}`).join('\n');
