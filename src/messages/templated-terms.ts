import { Refusal } from '../errors.js';
import type { ReadyTemplate } from '../templates/ready-template.js';
import type { Channel } from '../vocabulary.js';
import type { SendTerms } from './message-draft.js';

/** Finds what a send names. Throws Refusal TEMPLATE_NOT_FOUND. */
export interface TemplateSource {
  load(tenantId: string, code: string, version?: number): Promise<ReadyTemplate>;
}

type Templated = Pick<SendTerms, 'template' | 'category' | 'topic' | 'channels'>;

/**
 * The terms as they are in force. The category is the template's: consent, quiet hours and price follow from it, and who sends
 * must not make a promotion something else. Throws Refusal.
 */
export async function withTemplate<T extends Templated>(
  source: TemplateSource,
  tenantId: string,
  terms: T,
  version?: number,
): Promise<{ terms: T; template: ReadyTemplate | null }> {
  if (!terms.template) return { terms, template: null };
  const template = await source.load(tenantId, terms.template, version);
  const channels = channelsOf(terms.channels, template);
  return { terms: { ...terms, category: template.category, topic: terms.topic ?? template.topic, channels }, template };
}

/** SMS alone is what the API fills in for callers who name no channel: then the template's own apply where it is for others. */
function channelsOf(given: Channel[], { code, channels }: ReadyTemplate): Channel[] {
  if (given.length === 1 && given[0] === 'SMS' && !channels.includes('SMS')) return [...channels];
  const foreign = given.findIndex((channel) => !channels.includes(channel));
  if (foreign === -1) return given;
  throw new Refusal('CHANNEL_UNAVAILABLE', `The template ${code} is not for ${given[foreign]}, but for ${channels.join(' and ')}.`, [
    'channels',
    String(foreign),
  ]);
}
