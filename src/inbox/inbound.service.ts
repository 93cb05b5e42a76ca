import type { Transaction } from 'kysely';
import type { ConsentService } from '../consent/consent.service.js';
import { takePlaces } from '../consent/consent.queries.js';
import type { Address } from '../contacts/address.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactService } from '../contacts/contact.service.js';
import { classify } from '../consent/keywords/keyword-intent.js';
import { wordsOf } from '../consent/keywords/fold-text.js';
import type { IncomingMessages, JournalledMessage } from '../delivery/delivery.ports.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { receiveInto } from './conversation.queries.js';
import { sealInbound } from './inbound-content.js';
import type { InboundEffects } from './inbound-effects.js';
import { meaningOf } from './inbound-meaning.js';
import { holdSender, insertInbound, senderHistory, type SenderHistory } from './inbound.queries.js';
import type { InboundRow } from './inbound.row.js';
import type { InboundTenants } from './inbound-tenants.js';
import type { AnswerWindow, InboxPublisher } from './inbox.ports.js';
import { isStorm } from './loop-guard.js';

/** WhatsApp's session. */
const SESSION_MS = 24 * 3600 * 1000;

export interface InboundServices {
  db: Database;
  contacts: ContactService;
  consents: ConsentService;
  windows: AnswerWindow;
  tenants: InboundTenants;
  effects: InboundEffects;
  sealer: Sealer;
  index: BlindIndex;
  publisher: InboxPublisher;
  /** Called once for each message that was applied. */
  count: (message: Pick<InboundRow, 'channel' | 'intent' | 'answer'>) => void;
}

interface Sender {
  tenantId: string;
  fromHash: Buffer;
  textHash: Buffer;
  mayStop: boolean;
}

/** Applies messages from people: all that one of them changes, in one transaction. */
export class InboundService implements IncomingMessages {
  constructor(private readonly services: InboundServices) {}

  async receive(entry: JournalledMessage): Promise<void> {
    const { db, tenants, index, effects, publisher, count } = this.services;
    const { message, provider, receivedAt } = entry;
    const tenantId = await tenants.of(message.from, message.channel);
    if (tenantId === null) return;
    const text = wordsOf(message.body ?? '').join(' ');
    const mayStop = message.optOutType === 'STOP' || classify(message.body ?? '').intent === 'OPT_OUT';
    const sender = { tenantId, fromHash: index.hash(tenantId, message.from), textHash: index.hash(tenantId, `text ${text}`), mayStop };
    const answers = await effects.prepare(tenantId, message, sender.fromHash);
    const applied = await db.transaction(async (tx) => {
      await this.hold(tx, sender);
      const known = { ...message, provider, receivedAt, tenantId, textHash: sender.textHash, fromHash: sender.fromHash };
      const history = await senderHistory(tx, known);
      if (history.isKnown) {
        await entry.settle(tx);
        return null;
      }
      if (isStorm(history) && !mayStop) return null;
      const after: (() => void)[] = [];
      const row = await this.apply(tx, entry, sender, history, { answers, after });
      await entry.settle(tx);
      return { row, after };
    });
    if (!applied) return;
    count(applied.row);
    for (const publish of applied.after) publish();
    publisher.publish({ tenantId, conversationId: applied.row.conversationId, inboundId: applied.row.id });
  }

  /** First of all: what holds rows and then waits for a place would stop those who hold it. */
  private async hold(tx: Transaction<unknown>, { tenantId, fromHash, mayStop }: Sender): Promise<void> {
    if (mayStop) await takePlaces(tx, tenantId, [fromHash]);
    await holdSender(tx, tenantId, fromHash);
  }

  private async apply(
    tx: Transaction<unknown>,
    { message, provider, receivedAt: at }: JournalledMessage,
    { tenantId, fromHash, textHash }: Sender,
    history: SenderHistory,
    { answers, after }: { answers: Awaited<ReturnType<InboundEffects['prepare']>>; after: (() => void)[] },
  ): Promise<InboundRow> {
    const { contacts, windows, effects, sealer } = this.services;
    const { channel, from, profileName: name = null } = message;
    const contact: ContactRow = await contacts.contactOfAddress(tx, { tenantId, address: addressOf(message), at, name });
    const session = channel === 'WHATSAPP' ? new Date(at.getTime() + SESSION_MS) : null;
    const place = { id: newId(), tenantId, contactId: contact.id, channel, sessionExpiresAt: session, addressHash: fromHash, at };
    const conversation = await receiveInto(tx, place);
    const question = await windows.openFor(tx, { tenantId, addressHash: fromHash, channel, at });
    const meaning = meaningOf(message, question !== null);
    const isAnswer = question !== null && (meaning.intent === 'CONFIRM' || meaning.intent === 'CANCEL');
    if (isAnswer) await windows.answered(tx, tenantId, question.questionId, at);
    const row: InboundRow = {
      id: newId(),
      tenantId,
      conversationId: conversation.id,
      contactId: contact.id,
      channel,
      provider,
      providerMessageId: message.providerMessageId,
      intent: meaning.intent,
      fromHash,
      sealed: sealInbound(sealer, tenantId, message),
      receivedAt: at,
      textHash,
      language: meaning.language,
      answer: 'NONE',
      providerBlocked: meaning.providerBlocked,
      review: meaning.isUnclear ? 'NEEDED' : null,
      questionId: isAnswer ? question.questionId : null,
    };
    const effect = await effects.of(
      tx,
      { row, contact, address: from, history, isAnswer, byProvider: Boolean(message.optOutType) },
      answers,
    );
    after.push(...effect.after);
    const stored = { ...row, intent: effect.intent, answer: effect.answer };
    await insertInbound(tx, stored);
    return stored;
  }
}

/** A number reaches by SMS and by WhatsApp; what is none is known to the account that it wrote to. */
function addressOf({ channel, from, to }: JournalledMessage['message']): Address {
  return channel === 'WHATSAPP' && !from.startsWith('+')
    ? { channel: 'WHATSAPP', address: from, scope: to }
    : { channel: channel === 'EMAIL' ? 'EMAIL' : 'SMS', address: from, scope: '' };
}
