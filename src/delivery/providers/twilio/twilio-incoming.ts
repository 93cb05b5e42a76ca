import { Channel } from '../../../vocabulary.js';
import type { IncomingMessage } from '../../provider.js';
import { addressOf } from './twilio-address.js';
import { dialledNumber } from './whatsapp-number.js';

const MAX_MEDIA = 10;

/** A verified message from a person; [] for what is none, or came over a channel that we do not have. */
export function readIncoming(form: URLSearchParams): IncomingMessage[] {
  const sid = form.get('MessageSid');
  const from = addressOf(form.get('From'));
  const to = addressOf(form.get('To'));
  if (!sid || !from || !to) return [];
  const count = Math.min(Number(form.get('NumMedia')) || 0, MAX_MEDIA);
  const mediaUrls = Array.from({ length: count }, (_, index) => form.get(`MediaUrl${index}`)).filter((url) => url !== null);
  return [
    {
      channel: from.channel,
      from: from.channel === Channel.WHATSAPP ? dialledNumber(from.number) : from.number,
      to: to.number,
      body: form.get('Body') || null,
      mediaUrls,
      providerMessageId: sid,
      optOutType: OPT_OUT_TYPES.find((type) => type === form.get('OptOutType')) ?? null,
      profileName: form.get('ProfileName')?.slice(0, LONGEST_NAME) || null,
    },
  ];
}

const OPT_OUT_TYPES = ['STOP', 'START', 'HELP'] as const;
const LONGEST_NAME = 200;
