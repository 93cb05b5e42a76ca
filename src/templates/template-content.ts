import type { Channel, MessageCategory } from '../vocabulary.js';

export interface TemplateTranslation {
  language: string;
  /** Null: every channel that has no text of its own. */
  channel: Channel | null;
  subject: string | null;
  body: string;
  mediaUrls: string[];
  providerRefs: Record<string, unknown>;
}

/** What a version fixes. */
export interface TemplateContent {
  name: string;
  category: MessageCategory;
  topic: string | null;
  channels: Channel[];
  translations: TemplateTranslation[];
}
