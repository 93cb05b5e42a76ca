import { Refusal } from '../errors.js';
import type { Audience, ReadyTemplate } from '../templates/ready-template.js';
import type { TemplateRefs } from '../templates/provider-refs.js';
import { normalizeText } from '../templates/segments.js';
import type { RenderedText } from '../templates/template-text.js';
import type { Channel } from '../vocabulary.js';
import type { ChannelText } from './message-content.js';
import type { SendTerms } from './message-draft.js';
import { countBody, type Words } from './message-factory.js';

/** How many characters a text by the channel, with these names at providers, may have. */
export type LongestText = (channel: Channel, refs: TemplateRefs) => number;

/**
 * What goes out on the first of the channels, and on the others should it come to that. All of it is rendered now, because
 * later nobody has the variables. Throws Refusal.
 */
export function templateWords(
  template: ReadyTemplate,
  channels: readonly [Channel, ...Channel[]],
  variables: Readonly<Record<string, unknown>>,
  audience: Audience,
  { mediaUrls }: Pick<SendTerms, 'mediaUrls'>,
  longest: LongestText,
): Words {
  const rendered = template.render(channels, variables, audience);
  const texts = rendered.map((text, index) => checked(text, channels[index] ?? channels[0], mediaUrls, longest));
  const [first] = texts;
  if (!first) throw new Error('A message needs a channel.');
  const others = channels.flatMap((channel, index) => (rendered[index] === rendered[0] ? [] : [[channel, texts[index]] as const]));
  const count = countBody(channels[0], first.body);
  return others.length > 0 ? { ...first, count, others: Object.fromEntries(others) } : { ...first, count };
}

function checked(rendered: RenderedText, channel: Channel, given: string[], longest: LongestText): ChannelText {
  const { language, subject, body, mediaUrls, providerRefs } = rendered;
  const text = normalizeText(body);
  const media = given.length > 0 ? given : mediaUrls;
  if (text === '' && media.length === 0) throw new Refusal('INVALID_INPUT', 'With these variables the text is empty.', ['variables']);
  const most = longest(channel, providerRefs ?? {});
  if (text.length > most)
    throw new Refusal(
      'INVALID_INPUT',
      `With these variables the text has ${text.length} characters; at most ${most} can be sent by ${channel}.`,
      ['variables'],
    );
  return {
    language,
    body: text,
    mediaUrls: media,
    ...(subject === null ? {} : { subject }),
    ...(providerRefs === null ? {} : { providerRefs }),
  };
}
