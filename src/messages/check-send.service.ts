import type { Caller } from '../accounts/caller.js';
import type { PolicyCheck } from '../consent/policy-gate.js';
import type { ContactRef, ContactService } from '../contacts/contact.service.js';
import { Refusal, type UserError } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { AddressBook } from './address-book.js';
import type { TenantSource } from './message.ports.js';
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

const TOPIC = /^[\w.:-]{1,100}$/;

/** Asks the policy without sending, of the same facts as a send. */
export class CheckSendService {
  constructor(
    private readonly tenants: TenantSource,
    private readonly contacts: ContactService,
    private readonly book: AddressBook,
    private readonly gate: SendGate,
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

  private async ask(caller: Caller, { contact, channel, category, topic, at, withTemplate }: SendQuestion): Promise<SendCheck> {
    if (topic !== null && !TOPIC.test(topic))
      throw new Refusal('INVALID_INPUT', 'Up to 100 letters, digits, dots, colons, hyphens or underscores.', ['topic']);
    const { tenantId } = caller;
    const tenant = await this.tenants.settings(tenantId);
    const recipient = await this.recipientOf(caller, contact);
    // The country is the gate's to judge here, so that its answer is one among all rules.
    const [found] = await this.book.find({ tenantId, tenant: { ...tenant, allowedCountries: null }, channels: [channel] }, [recipient]);
    if (!found || found instanceof Refusal) throw atContact(found);
    const now = new Date();
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

  /** A number may be nobody's yet: it is asked about all the same. */
  private async recipientOf(caller: Caller, ref: ContactRef): Promise<Recipient> {
    const contact = await this.contacts.find(caller, ref, ['contact']);
    if (contact && !contact.erasedAt) return { ...NOBODY, contactId: contact.id, to: null };
    if (typeof ref.phone === 'string') return { ...NOBODY, to: ref.phone };
    throw new Refusal('NOT_FOUND', 'There is no such contact.', ['contact']);
  }
}

const atContact = (refusal: Refusal | undefined): Refusal =>
  new Refusal((refusal?.reasons ?? []).map((reason) => ({ ...reason, field: ['contact'] })));
