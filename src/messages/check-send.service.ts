import type { Caller } from '../accounts/caller.js';
import type { PolicyCheck } from '../consent/policy-gate.js';
import type { ContactRef, ContactService } from '../contacts/contact.service.js';
import { Refusal, type UserError } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { AddressBook } from './address-book.js';
import { checkTerms } from './message-draft.js';
import type { ChannelDirectory, TenantSource } from './message.ports.js';
import { NOBODY, type Recipient } from './recipient.js';
import type { SendGate } from './send-gate.js';

export interface SendQuestion {
  contact: ContactRef;
  channel: Channel;
  category: MessageCategory;
  topic: string | null;
  /** Null: now. */
  at: Date | null;
  /** Whether it is a template that the channel's operator knows. */
  withTemplate: boolean;
}

export interface SendCheck {
  allowed: boolean;
  /** Every rule that forbids, the one that a send is told first. */
  reasons: UserError[];
  /** Every rule; none where nobody could be asked about. */
  checks: (PolicyCheck & { at: Date })[];
  notBefore: Date | null;
}

/** Of terms, what a question calls them. */
const FIELDS: Readonly<Record<string, string>> = { channels: 'channel', topic: 'topic', sendAt: 'at' };

/** Asks the policy without sending, of the same facts as a send. */
export class CheckSendService {
  constructor(
    private readonly tenants: TenantSource,
    private readonly contacts: ContactService,
    private readonly book: AddressBook,
    private readonly gate: SendGate,
    private readonly directory: ChannelDirectory,
  ) {}

  /** What cannot be asked (nobody known, no address) is a reason too. */
  async check(caller: Caller, question: SendQuestion): Promise<SendCheck> {
    try {
      return await this.ask(caller, question);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { allowed: false, reasons: error.reasons, checks: [], notBefore: null };
    }
  }

  private async ask(caller: Caller, question: SendQuestion): Promise<SendCheck> {
    const { channel, category, topic, at, withTemplate } = question;
    const now = new Date();
    this.checkQuestion(question, now);
    const { tenantId } = caller;
    const tenant = await this.tenants.settings(tenantId);
    const recipient = await this.recipientOf(caller, question.contact);
    // The country is the gate's to judge here, so that its answer is one among all rules.
    const [found] = await this.book.find({ tenantId, tenant: { ...tenant, allowedCountries: null }, channels: [channel], now }, [
      recipient,
    ]);
    if (!found || found instanceof Refusal) throw atContact(found);
    const asked = { tenantId, tenant, category, topic, sendAt: at, expiresAt: null, now };
    const round = await this.gate.open(asked, [found], false);
    const verdict = round.ask(round.destinationOf(found, !withTemplate), { isFreeText: !withTemplate, cost: null });
    return {
      allowed: verdict.decision === 'SEND',
      reasons: verdict.failures.map(({ code, message }) => ({ code, message, field: [] })),
      checks: verdict.checks.map((check) => ({ ...check, at: now })),
      notBefore: verdict.notBefore,
    };
  }

  private checkQuestion({ channel, category, topic, at }: SendQuestion, now: Date): void {
    try {
      checkTerms({ ...ANY_TERMS, channels: [channel], category, topic, sendAt: at }, this.directory, now);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw error.at(([field = '']) => [FIELDS[field] ?? 'channel']);
    }
  }

  /** A number is sent to itself: it may be nobody's yet, or one of several. */
  private async recipientOf(caller: Caller, ref: ContactRef): Promise<Recipient> {
    const contact = await this.contacts.find(caller, ref, ['contact']);
    if (typeof ref.phone === 'string') return { ...NOBODY, to: ref.phone };
    if (contact && !contact.erasedAt) return { ...NOBODY, contactId: contact.id };
    throw new Refusal('NOT_FOUND', 'There is no such contact.', ['contact']);
  }
}

const ANY_TERMS = {
  fallbackAfterSeconds: null,
  body: '.',
  mediaUrls: [],
  language: null,
  expiresAt: null,
  reference: null,
  provider: null,
  idempotencyKey: null,
};

const atContact = (refusal: Refusal | undefined): Refusal =>
  new Refusal((refusal?.reasons ?? []).map((reason) => ({ ...reason, field: ['contact'] })));
