import type { Caller } from '../accounts/caller.js';
import type { OptInQuestion, OptInQuestions } from '../consent/consent.ports.js';
import { optInQuestion } from '../consent/opt-in-question.js';
import { refusedAt } from '../errors.js';
import { toSendMessage } from '../messages/graphql/message.inputs.js';
import type { SendMessageService } from '../messages/send-message.service.js';
import { MessageCategory } from '../vocabulary.js';

/** Of a message, what requestOptIn calls them. */
const FIELDS: Readonly<Record<string, string>> = {
  channels: 'channel',
  body: 'statement',
  language: 'language',
  expiresAt: 'validSeconds',
};

/** Asks by a message. It needs no consent, for it is about to be asked for; an opt-out stops it. */
export class OptInMessages implements OptInQuestions {
  constructor(private readonly sending: SendMessageService) {}

  async ask(caller: Caller, { to, channel, language, statement, link, reference, expiresAt }: OptInQuestion): Promise<void> {
    const text = { to, channels: [channel], body: optInQuestion(statement, link, language), language, reference, expiresAt };
    const message = toSendMessage({ ...text, category: MessageCategory.SERVICE, immediate: false });
    await refusedAt(
      ([field = '']) => [FIELDS[field] ?? 'contact'],
      () => this.sending.send(caller, message),
    );
  }
}
