import type { Channel, MessageCategory } from '../../vocabulary.js';

export interface LibraryTranslation {
  language: string;
  /** Null: every channel that has no text of its own. */
  channel: Channel | null;
  subject: string | null;
  body: string;
  mediaUrls: string[];
  providerRefs: Record<string, unknown>;
}

/** A template that ships with the program, and values to show it with. */
export interface LibraryTemplate {
  code: string;
  name: string;
  category: MessageCategory;
  topic: string | null;
  channels: Channel[];
  translations: LibraryTranslation[];
  sample: Record<string, unknown>;
}
