import { refuseFaults, Refusal, type Complain } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { isIdempotencyKey } from './idempotency.js';
import type { ChannelDirectory } from './message.ports.js';
import { canonicalTag } from '../platform/language-tag.js';
import { checkMediaUrls } from '../templates/media-urls.js';
import { normalizeText } from '../templates/segments.js';

/** What single and bulk sends have in common; recipients are looked at one by one. */
export interface SendTerms {
  channels: Channel[];
  fallbackAfterSeconds: number | null;
  body: string | null;
  /** Its code; null or left out: `body` is the text. */
  template?: string | null;
  mediaUrls: string[];
  category: MessageCategory;
  topic: string | null;
  language: string | null;
  sendAt: Date | null;
  expiresAt: Date | null;
  reference: string | null;
  provider: string | null;
  idempotencyKey: string | null;
}

/** Characters that channels take at most; their providers may take fewer. */
export const LONGEST_BODY: Record<Channel, number> = { SMS: 1600, WHATSAPP: 4096, EMAIL: 100_000 };

/** Characters that can be sent by the channel through the provider that is asked. */
export function longestBody(
  channel: Channel,
  { channels, provider }: Pick<SendTerms, 'channels' | 'provider'>,
  directory: ChannelDirectory,
): number {
  return Math.min(LONGEST_BODY[channel], directory.longestBody(channel, channel === channels[0] ? provider : null));
}

const YEAR_MS = 366 * 24 * 3600 * 1000;

/** Throws one Refusal that names every fault at once. */
export function checkTerms(terms: SendTerms, directory: ChannelDirectory, now: Date): void {
  refuseFaults((complain) => inspectTerms(terms, directory, now, complain));
}

export function inspectTerms(terms: SendTerms, directory: ChannelDirectory, now: Date, complain: Complain): void {
  checkChannels(terms, directory, complain);
  checkContent(terms, directory, complain);
  checkTimes(terms, now, complain);
  checkLabels(terms, complain);
}

function checkChannels({ channels, fallbackAfterSeconds, provider }: SendTerms, directory: ChannelDirectory, complain: Complain): void {
  if (channels.length === 0) complain('INVALID_INPUT', 'Name at least one channel.', 'channels');
  if (new Set(channels).size < channels.length) complain('INVALID_INPUT', 'Name each channel once.', 'channels');
  for (const channel of new Set(channels))
    if (!directory.hasChannel(channel))
      complain('CHANNEL_UNAVAILABLE', `No provider is set up for ${channel}.`, 'channels', String(channels.indexOf(channel)));
  if (provider !== null && channels[0] && !directory.serves(provider, channels[0]))
    complain('CHANNEL_UNAVAILABLE', `No provider named ${JSON.stringify(provider)} serves ${channels[0]} here.`, 'provider');
  if (fallbackAfterSeconds === null) return;
  if (channels.length < 2) complain('INVALID_INPUT', 'A fallback needs a second channel.', 'fallbackAfterSeconds');
  if (fallbackAfterSeconds < 1 || fallbackAfterSeconds > 7 * 86_400)
    complain('INVALID_INPUT', 'Between 1 second and 7 days.', 'fallbackAfterSeconds');
}

function checkContent({ body, template, mediaUrls, ...terms }: SendTerms, directory: ChannelDirectory, complain: Complain): void {
  if (template && body !== null) complain('INVALID_INPUT', 'Give a body or a template, not both.', 'body');
  if (!template && !body?.trim() && mediaUrls.length === 0) complain('INVALID_INPUT', 'The message is empty.', 'body');
  const longest = Math.min(LONGEST_BODY.EMAIL, ...[...new Set(terms.channels)].map((channel) => longestBody(channel, terms, directory)));
  const length = normalizeText(body ?? '').length;
  if (length > longest) complain('INVALID_INPUT', `The body has ${length} characters; at most ${longest} can be sent.`, 'body');
  checkMediaUrls(mediaUrls, complain);
}

function checkTimes({ sendAt, expiresAt }: SendTerms, now: Date, complain: Complain): void {
  if (sendAt && sendAt.getTime() > now.getTime() + YEAR_MS) complain('INVALID_INPUT', 'At most a year ahead.', 'sendAt');
  if (expiresAt && expiresAt <= now) complain('INVALID_INPUT', 'The validity ends in the past.', 'expiresAt');
  if (expiresAt && sendAt && expiresAt <= sendAt) complain('INVALID_INPUT', 'The validity ends before sendAt.', 'expiresAt');
}

const REFERENCE_LENGTH = 'A reference has 1 to 255 characters.';
const isReference = (reference: string): boolean => reference.length > 0 && reference.length <= 255;
const LANGUAGE_TAG = 'A language tag such as en, ar or hi-IN.';

/** What a recipient of many has of their own. Throws Refusal INVALID_INPUT. */
export function checkRecipient({ reference, language }: { reference: string | null; language: string | null }): void {
  if (reference !== null && !isReference(reference)) throw new Refusal('INVALID_INPUT', REFERENCE_LENGTH, ['reference']);
  // PostgreSQL would refuse it, and with it everybody who is stored in the same statement.
  if (reference?.includes('\0')) throw new Refusal('INVALID_INPUT', 'A reference cannot hold U+0000.', ['reference']);
  if (language !== null && canonicalTag(language) === null) throw new Refusal('INVALID_INPUT', LANGUAGE_TAG, ['language']);
}

function checkLabels({ topic, reference, language, idempotencyKey }: SendTerms, complain: Complain): void {
  if (topic !== null && !/^[\w.:-]{1,100}$/.test(topic))
    complain('INVALID_INPUT', 'Up to 100 letters, digits, dots, colons, hyphens or underscores.', 'topic');
  if (reference !== null && !isReference(reference)) complain('INVALID_INPUT', REFERENCE_LENGTH, 'reference');
  if (idempotencyKey !== null && !isIdempotencyKey(idempotencyKey)) complain('INVALID_INPUT', '1 to 255 characters.', 'idempotencyKey');
  if (language !== null && canonicalTag(language) === null) complain('INVALID_INPUT', LANGUAGE_TAG, 'language');
}
