import type { Transaction } from 'kysely';
import type { Intent } from '../consent/intent.js';
import { classify } from '../consent/keywords/keyword-intent.js';
import type { ConsentService, OwnWord } from '../consent/consent.service.js';
import type { OptInService } from '../consent/opt-in.service.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactService } from '../contacts/contact.service.js';
import type { IncomingMessage } from '../delivery/provider.js';
import type { AnswerKind } from './answer-texts.js';
import type { AutomaticAnswers, PreparedAnswer } from './automatic-answers.js';
import { isStillTheirs, isStopped, type SenderHistory } from './inbound.queries.js';
import type { AutomaticAnswer, InboundRow } from './inbound.row.js';
import { mayAnswer } from './loop-guard.js';

export type PreparedAnswers = Partial<Record<AnswerKind, PreparedAnswer>>;

/** A message that came in, with what is known of its sender. */
export interface Received {
  row: InboundRow;
  /** Whose consents it is about; null where it is about the address alone. */
  contact: Pick<ContactRow, 'id'> | null;
  /** That it came from. */
  address: string;
  history: SenderHistory;
  /** It answers a question of ours. */
  isAnswer: boolean;
  /** The provider has answered it by itself. */
  byProvider: boolean;
}

export interface Effect {
  intent: Intent;
  answer: AutomaticAnswer;
  after: (() => void)[];
}

/** What messages do by themselves: STOP, START, HELP, and YES to an opt-in question. */
export class InboundEffects {
  constructor(
    private readonly consents: ConsentService,
    private readonly optIns: Pick<OptInService, 'answer'>,
    private readonly contacts: Pick<ContactService, 'byAddressHashes'>,
    private readonly answers: AutomaticAnswers,
  ) {}

  /** The answers that the message may need, in the language of its keyword; else in that of the person. */
  async prepare(tenantId: string, { channel, body, optOutType }: IncomingMessage, fromHash: Buffer): Promise<PreparedAnswers> {
    const { intent, language } = classify(body ?? '');
    const kinds: AnswerKind[] = ANSWERED_AS[intent] ?? [];
    if (optOutType || kinds.length === 0) return {};
    const [contact] = language === null ? await this.contacts.byAddressHashes(tenantId, [fromHash]) : [];
    const languages = [language, contact?.language ?? null];
    const prepared: PreparedAnswers = {};
    for (const kind of kinds) prepared[kind] = await this.answers.prepare({ kind, tenantId, channel, languages });
    return prepared;
  }

  async of(tx: Transaction<unknown>, received: Received, answers: PreparedAnswers): Promise<Effect> {
    const { row, isAnswer, history } = received;
    const nothing: Effect = { intent: row.intent, answer: 'NONE', after: [] };
    if (row.providerBlocked) return { ...nothing, after: [await this.consents.stop(tx, blockOf(received))] };
    if (isAnswer) return nothing;
    // A later message has said already what holds now: this one came late, and only tells what was wanted before.
    if (history.overtakenBy.includes(row.contactId) && row.intent !== 'HELP') return nothing;
    if (row.intent === 'OPT_OUT') return this.stop(tx, received, answers);
    if (row.intent === 'OPT_IN') return this.start(tx, received, answers);
    if (row.intent === 'CONFIRM') return this.confirm(tx, received, answers);
    return row.intent === 'HELP' ? this.answer(tx, received, answers.HELP, 'HELP', nothing) : nothing;
  }

  /** For somebody who has read a message and found that it is an opt-out. Before the transaction. */
  async prepareStop({ tenantId, channel, fromHash }: InboundRow): Promise<PreparedAnswers> {
    const [contact] = await this.contacts.byAddressHashes(tenantId, [fromHash]);
    return { OPT_OUT: await this.answers.prepare({ kind: 'OPT_OUT', tenantId, channel, languages: [contact?.language ?? null] }) };
  }

  async stop(tx: Transaction<unknown>, received: Received, answers: PreparedAnswers): Promise<Effect> {
    const { row } = received;
    const word = wordOf(received);
    const isRepeated = word.address !== null && (await isStopped(tx, row));
    const after = [await this.consents.stop(tx, word)];
    const effect: Effect = { intent: 'OPT_OUT', answer: 'NONE', after };
    if (isRepeated && !received.byProvider) return { ...effect, answer: 'ALREADY_SENT' };
    return this.answer(tx, received, answers.OPT_OUT, 'OPT_OUT', effect);
  }

  private async start(tx: Transaction<unknown>, received: Received, answers: PreparedAnswers): Promise<Effect> {
    const lifted = await this.consents.start(tx, wordOf(received));
    const agreed = await this.agree(tx, received);
    const effect: Effect = { intent: 'OPT_IN', answer: 'NONE', after: [] };
    return lifted || agreed ? this.answer(tx, received, answers.OPT_IN, 'OPT_IN', effect) : effect;
  }

  /** YES agrees where an opt-in was asked for; otherwise it is somebody's business who reads it. */
  private async confirm(tx: Transaction<unknown>, received: Received, answers: PreparedAnswers): Promise<Effect> {
    const { intent } = received.row;
    if (!(await this.agree(tx, received))) return { intent, answer: 'NONE', after: [] };
    return this.answer(tx, received, answers.OPT_IN, 'OPT_IN', { intent: 'OPT_IN', answer: 'NONE', after: [] });
  }

  private async agree(tx: Transaction<unknown>, { row, address }: Received): Promise<boolean> {
    const { tenantId, channel, receivedAt: at } = row;
    return (await this.optIns.answer(tx, { tenantId, address, channel, at, evidence: evidenceOf(row) })) !== null;
  }

  private async answer(
    tx: Transaction<unknown>,
    { row, address, history, byProvider }: Received,
    prepared: PreparedAnswer | undefined,
    kind: AnswerKind,
    effect: Effect,
  ): Promise<Effect> {
    if (byProvider) return { ...effect, answer: 'BY_PROVIDER' };
    if (!prepared || !mayAnswer(history)) return { ...effect, answer: 'HELD_BACK' };
    // Whoever has the address by now has said nothing.
    if (!(await isStillTheirs(tx, row))) return { ...effect, answer: 'NONE' };
    const { tenantId, channel, provider, id: inboundId } = row;
    const answer = { kind, tenantId, to: address, channel, provider, languages: [], at: new Date(), inboundId };
    const announce = await this.answers.store(tx, prepared, answer);
    return { ...effect, answer: 'SENT', after: [...effect.after, () => void announce()] };
  }
}

const ANSWERED_AS: Partial<Record<Intent, AnswerKind[]>> = {
  OPT_OUT: ['OPT_OUT'],
  OPT_IN: ['OPT_IN'],
  CONFIRM: ['OPT_IN'],
  HELP: ['HELP'],
};

const evidenceOf = ({ id, provider, providerMessageId }: InboundRow): Record<string, unknown> => ({
  inboundMessage: id,
  provider,
  providerMessageId,
});

const wordOf = ({ row, contact, address, history }: Received): OwnWord => ({
  tenantId: row.tenantId,
  contactId: contact?.id ?? null,
  // What goes there is up to its next owner, who has said it since.
  address: history.overtakenBy.length > 0 ? null : address,
  channel: row.channel,
  source: 'KEYWORD',
  at: row.receivedAt,
  evidence: evidenceOf(row),
});

/** The provider refuses what is sent from now on; the person has not taken back any consent. */
const blockOf = (received: Received): OwnWord => ({ ...wordOf(received), contactId: null, address: received.address, source: 'PROVIDER' });
