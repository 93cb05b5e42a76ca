import type { Channel } from '../vocabulary.js';
import type { TemplatePart } from './template-fault.js';

export const ISSUE_SEVERITIES = ['ERROR', 'WARNING', 'INFO'] as const;
export type IssueSeverity = (typeof ISSUE_SEVERITIES)[number];

/** Something to put right in a template; an ERROR keeps it from being published. */
export interface TemplateIssue {
  severity: IssueSeverity;
  /** Stable, e.g. PHI_IDENTIFIER. */
  code: string;
  message: string;
  language: string | null;
  /** Of the translation, which may be one of several in its language. Issues that were stored earlier do not tell it. */
  channel?: Channel | null;
  /** Of the translation. Issues that were stored earlier do not tell it. */
  part?: TemplatePart;
  /** Counted from 1, in the body. */
  line: number | null;
}
