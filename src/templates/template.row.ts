import type { Channel, MessageCategory } from '../vocabulary.js';
import type { TemplateContent } from './template-content.js';
import type { TemplateIssue } from './template-issue.js';

export const TemplateState = { DRAFT: 'DRAFT', PUBLISHED: 'PUBLISHED', ARCHIVED: 'ARCHIVED' } as const;
export type TemplateState = (typeof TemplateState)[keyof typeof TemplateState];

export interface TemplateRow {
  id: string;
  tenantId: string;
  /** Stable: callers send by it. */
  code: string;
  name: string;
  category: MessageCategory;
  topic: string | null;
  channels: Channel[];
  state: TemplateState;
  enabled: boolean;
  /** The version that sends use; null unless PUBLISHED. */
  publishedVersion: number | null;
  lastVersion: number;
}

/** Never changes once it was published. */
export interface TemplateVersionRow extends TemplateContent {
  templateId: string;
  version: number;
  variables: string[];
  optionalVariables: string[];
  issues: TemplateIssue[];
  createdAt: Date;
  createdBy: string | null;
  publishedAt: Date | null;
}
