import type { TemplateIssue } from '../template-issue.js';
import { OPT_OUT_VARIABLE, OPT_OUT_WORDS, SENDER_VARIABLES } from './data/wording.js';
import { asSeen, foldInPlace } from './fold-word.js';
import { goesOutOn, issueAt, LintCode, type LintInput, type ReadText } from './lint-input.js';

/** Who sends it, which an SMS does not show by itself; and how to stop advertising. */
export function wordingRule(text: ReadText, input: LintInput): TemplateIssue[] {
  if (text.part !== 'body') return [];
  return [...senderMissing(text, input), ...optOutMissing(text, input)];
}

function senderMissing(text: ReadText, input: LintInput): TemplateIssue[] {
  if (!goesOutOn(text.translation, 'SMS', input)) return [];
  const said =
    text.variables.some((name) => SENDER_VARIABLES.has(name.split('.').at(-1)!)) ||
    (input.senderName !== undefined && says(text.text, input.senderName));
  return said
    ? []
    : [issueAt(text, null, 'WARNING', LintCode.SENDER_MISSING, 'An SMS does not show who sends it. Begin with {{ sender }}.')];
}

const says = (text: string, name: string): boolean =>
  foldInPlace(text)
    .toLowerCase()
    .includes(foldInPlace(asSeen(name)).toLowerCase());

function optOutMissing(text: ReadText, input: LintInput): TemplateIssue[] {
  if (input.category !== 'MARKETING') return [];
  if (OPT_OUT_WORDS.test(foldInPlace(text.text)) || text.variables.some((name) => OPT_OUT_VARIABLE.test(name))) return [];
  // WhatsApp shows a way to stop by itself.
  const severity = goesOutOn(text.translation, 'SMS', input) || goesOutOn(text.translation, 'EMAIL', input) ? 'ERROR' : 'WARNING';
  return [issueAt(text, null, severity, LintCode.OPT_OUT_MISSING, 'Advertising must say how to stop it, as in "Reply STOP to opt out".')];
}
