import type { Transaction } from 'kysely';
import type { ConsentService } from '../consent/consent.service.js';
import { takePlacesOfPeople } from '../consent/consent.queries.js';
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
import { holdSenders, insertInbound, senderHistory, type SenderHistory } from './inbound.queries.js';
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
    const { db, effects, publisher, count } = this.services;
    const { message } = entry;
    const sender = await this.senderOf(entry);
    if (sender === null) return;
    const { tenantId, mayStop } = sender;
    const answers = await effects.prepare(tenantId, message, sender.fromHash);
    const applied = await db.transaction(async (tx) => {
      const history = await this.hold(tx, entry, sender);
      // Left to the erasure, which comes to it within seconds.
      if (history.isErased) return null;
      if (history.isKnown) {
        await entry.settle(tx);
        return null;
      }
      if (isStorm(history) && !mayStop) return null;
      // First: an erasure may have come to it while this process held it.
      if (!(await entry.settle(tx))) return null;
      const after: (() => void)[] = [];
      const row = await this.apply(tx, entry, sender, history, { answers, after });
      return { row, after };
    });
    if (!applied) return;
    count(applied.row);
    for (const publish of applied.after) publish();
    publisher.publish({ tenantId, conversationId: applied.row.conversationId, inboundId: applied.row.id });
  }

  /** For an erasure under way: settles what its person had written by then, of which nothing is to be kept but a STOP. */
  async forget(entry: JournalledMessage): Promise<void> {
    const { db, consents } = this.services;
    const { message, receivedAt: at } = entry;
    const sender = await this.senderOf(entry);
    if (sender === null) return;
    const { tenantId, mayStop } = sender;
    const stopped = await db.transaction(async (tx) => {
      const history = await this.hold(tx, entry, sender);
      if (!history.isErased || !(await entry.settle(tx)) || !mayStop || history.overtakenBy.length > 0) return null;
      return consents.stop(tx, { tenantId, contactId: null, address: message.from, channel: message.channel, source: 'KEYWORD', at });
    });
    stopped?.();
  }

  private async senderOf({ message, receivedAt }: JournalledMessage): Promise<Sender | null> {
    const { tenants, index } = this.services;
    const tenantId = await tenants.of(message.from, message.channel, receivedAt);
    if (tenantId === null) return null;
    const text = wordsOf(message.body ?? '').join(' ');
    const mayStop = message.optOutType === 'STOP' || classify(message.body ?? '').intent === 'OPT_OUT';
    return { tenantId, fromHash: index.hash(tenantId, message.from), textHash: index.hash(tenantId, `text ${text}`), mayStop };
  }

  /** First of all: what holds rows and then waits for a place would stop those who hold it. */
  private async hold(
    tx: Transaction<unknown>,
    { message, provider, receivedAt }: JournalledMessage,
    { tenantId, fromHash, textHash, mayStop }: Sender,
  ): Promise<SenderHistory> {
    if (mayStop) await takePlacesOfPeople(tx, tenantId, [fromHash]);
    await holdSenders(tx, tenantId, [fromHash]);
    return senderHistory(tx, { ...message, provider, receivedAt, tenantId, textHash, fromHash });
  }

  private async apply(
    tx: Transaction<unknown>,
    { id: journalId, message, provider, receivedAt: at }: JournalledMessage,
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
      journalId,
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
