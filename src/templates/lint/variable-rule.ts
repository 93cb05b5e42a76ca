import type { IssueSeverity, TemplateIssue } from '../template-issue.js';
import { LintCode, type ReadText } from './lint-input.js';
import { variableKind, type VariableKind } from './variable-names.js';

const FINDINGS: Record<VariableKind, { severity: IssueSeverity; code: LintCode; why: string }> = {
  REVEALING: {
    severity: 'ERROR',
    code: LintCode.PHI_VARIABLE,
    why: 'will carry something about the health of whoever gets the message. Leave it out and let them sign in to read it.',
  },
  IDENTIFYING: {
    severity: 'ERROR',
    code: LintCode.PHI_VARIABLE,
    why: 'will carry what identifies a patient. Leave it out, or show it after sign-in.',
  },
  DELICATE: {
    severity: 'WARNING',
    code: LintCode.PHI_VARIABLE,
    why: 'can identify somebody or reveal a condition. Make sure that no value of it does.',
  },
  FREE_TEXT: {
    severity: 'WARNING',
    code: LintCode.FREE_TEXT_VARIABLE,
    why: 'lets anything into the message, and nothing checks it. Prefer fixed words, or variables that hold one kind of thing.',
  },
};

/** Judges variables by their names: what they will hold is not known yet. */
export function variableRule(variables: readonly string[], texts: readonly ReadText[]): TemplateIssue[] {
  const used = new Set([...variables, ...texts.flatMap((text) => text.variables)]);
  // "patient" says less than "patient.diagnosis".
  const names = [...used].filter((name) => ![...used].some((other) => other.startsWith(`${name}.`)));
  return names.flatMap((name) => {
    const found = variableKind(name);
    if (!found) return [];
    const { severity, code, why } = FINDINGS[found.kind];
    const message = `The variable ${name} ${why}`;
    return [{ severity, code, message, ...firstUse(name, texts) }];
  });
}

function firstUse(name: string, texts: readonly ReadText[]): Pick<TemplateIssue, 'language' | 'channel' | 'part' | 'line'> {
  const using = texts.filter(({ variables }) => variables.includes(name));
  const text = using.find(({ part }) => part === 'body') ?? using[0];
  if (!text) return { language: null, line: null };
  const { part, translation } = text;
  const { language, channel, body } = translation;
  if (part !== 'body') return { language, channel, part, line: null };
  const at = body.search(new RegExp(`(?<![\\w.])${name.replaceAll('.', '\\.')}(?![\\w])`));
  return { language, channel, part, line: at < 0 ? null : body.slice(0, at).split('\n').length };
}
