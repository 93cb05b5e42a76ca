import type { MessageCategory } from '../../vocabulary.js';
import type { LibraryTemplate } from './library-template.js';

interface ShippedTexts {
  code: string;
  name: string;
  category: MessageCategory;
  topic: string;
  /** Besides the sender's name. */
  sample?: Record<string, unknown>;
  /** By language. */
  texts: { en: string; ar: string } & Record<string, string>;
}

/** One text a language serves all channels; the subject of an email tells no more than who writes. */
export const shippedTemplate = ({ texts, sample, ...template }: ShippedTexts): LibraryTemplate => ({
  ...template,
  channels: ['SMS', 'WHATSAPP', 'EMAIL'],
  translations: Object.entries(texts).map(([language, body]) => ({
    language,
    channel: null,
    subject: '{{ sender }}',
    body,
    mediaUrls: [],
    providerRefs: {},
  })),
  sample: { sender: 'City Clinic', ...sample },
});
