import { Refusal } from '../errors.js';
import type { SegmentCount } from '../templates/segments.js';
import { checkVariables } from '../templates/check-variables.js';
import { withOwn } from '../templates/own-variables.js';
import type { TemplateRefs } from '../templates/provider-refs.js';
import type { Audience } from '../templates/ready-template.js';
import type { Channel, Money } from '../vocabulary.js';
import type { AddressBook } from './address-book.js';
import type { BudgetReservation } from './budget-account.js';
import { checkRecipient, LONGEST_BODY, longestBody } from './message-draft.js';
import { countBody, type DraftContext, type Words } from './message-factory.js';
import type { ChannelDirectory, PriceList } from './message.ports.js';
import type { Addressed, Destination, Recipient } from './recipient.js';
import type { Admitted, GateRound, SendGate } from './send-gate.js';
import { templateWords, type LongestText } from './template-words.js';

/** A recipient who may be sent to, with what goes out. */
export interface Composed {
  admitted: Admitted;
  words: Words;
  /** What it is expected to cost; null where nobody can tell. */
  cost: Money | null;
}

/** The way of every send up to its row: whom, by which channel, with what words, at what price, and whether it may be. */
export class SendPreparation {
  constructor(
    private readonly book: AddressBook,
    private readonly gate: SendGate,
    private readonly prices: PriceList,
    private readonly directory: ChannelDirectory,
  ) {}

  /**
   * Looks up at once what is known of all recipients. `reserves`: what is composed is going to be stored, and takes its
   * part of the tenant's budgets, until `reserved` is released.
   */
  async open(context: DraftContext, recipients: readonly Recipient[], reserves: boolean): Promise<PreparedSends> {
    const { tenantId, tenant, terms, now } = context;
    const found = await this.book.find({ tenantId, tenant, channels: terms.channels, now }, recipients);
    const round = await this.gate.open(
      { tenantId, tenant, category: terms.category, topic: terms.topic, sendAt: terms.sendAt, expiresAt: terms.expiresAt, now },
      found.filter((one): one is Addressed => !(one instanceof Refusal)),
      reserves,
    );
    const whatsApp = (terms.channels[0] === 'WHATSAPP' ? terms.provider : null) ?? this.directory.preferred('WHATSAPP');
    const needsApproval = whatsApp !== null && !this.directory.takesAnyTemplate(whatsApp);
    const approves = needsApproval ? (refs: TemplateRefs) => this.directory.isApproved(whatsApp, refs) : null;
    // What goes out by its approved name goes without its text.
    const longest: LongestText = (channel, refs) =>
      channel === 'WHATSAPP' && approves?.(refs) ? LONGEST_BODY[channel] : longestBody(channel, terms, this.directory);
    const costOf = (destination: Destination, words: Words): Money | null => this.costOf(context, destination, words);
    return new PreparedSends(context, found, round, { approves, longest, costOf });
  }

  private costOf({ terms }: DraftContext, { channel, country }: Destination, { count }: Words): Money | null {
    const provider = (channel === terms.channels[0] ? terms.provider : null) ?? this.directory.preferred(channel);
    if (!provider) return null;
    return this.prices.estimate({ provider, channel, country, category: terms.category, segments: count?.segments ?? null });
  }
}

interface SendRules {
  /** Whether WhatsApp knows a template by these; null: it takes any. */
  approves: ((refs: TemplateRefs) => boolean) | null;
  longest: LongestText;
  costOf: (destination: Destination, words: Words) => Money | null;
}

export class PreparedSends {
  private readonly counts = new Map<Channel, SegmentCount | null>();

  constructor(
    private readonly context: DraftContext,
    private readonly found: readonly (Addressed | Refusal)[],
    private readonly round: GateRound,
    private readonly rules: SendRules,
  ) {}

  get reserved(): BudgetReservation {
    return this.round.reserved;
  }

  /**
   * Throws Refusal with paths relative to the recipient. `spend` is told the cost once everything else is right, and may
   * refuse it.
   */
  compose(place: number, spend: (cost: Money | null) => void = () => undefined): Composed {
    const addressed = this.found[place];
    if (!addressed || addressed instanceof Refusal) throw addressed ?? new Error('There is no such recipient.');
    checkRecipient(addressed.recipient);
    const isFreeText = this.isFreeText(addressed);
    const destination = this.round.destinationOf(addressed, isFreeText);
    const words = this.wordsFor(addressed, destination);
    const cost = this.rules.costOf(destination, words);
    const admitted = this.round.admit(addressed, destination, { isFreeText, cost }, spend);
    return { admitted, words, cost };
  }

  private wordsFor({ recipient, destinations }: Addressed, destination: Destination): Words {
    const { terms, template } = this.context;
    if (template) {
      // A message keeps its address on the further channels.
      const further = destinations.filter(({ address }) => address === destination.address).map(({ channel }) => channel);
      const channels = [destination.channel, ...further.filter((channel) => channel !== destination.channel)] as const;
      const given = recipient.variables ?? {};
      checkVariables(given);
      const variables = withOwn(given, this.context.tenant.name);
      return templateWords(template, channels, variables, this.audienceOf(recipient, destination), terms, this.rules.longest);
    }
    if (recipient.variables) throw new Refusal('INVALID_INPUT', 'There is no template to fill these into.', ['variables']);
    let count = this.counts.get(destination.channel);
    if (count === undefined) this.counts.set(destination.channel, (count = countBody(destination.channel, terms.body)));
    return { body: terms.body ?? '', count, mediaUrls: terms.mediaUrls, language: recipient.language ?? terms.language };
  }

  private isFreeText({ recipient, destinations }: Addressed): boolean {
    const { template } = this.context;
    const byWhatsApp = destinations.find(({ channel }) => channel === 'WHATSAPP');
    if (!template || !byWhatsApp) return !template;
    const { approves } = this.rules;
    return approves !== null && !approves(template.whatsAppRefs(this.audienceOf(recipient, byWhatsApp)));
  }

  private audienceOf(recipient: Recipient, destination: Destination): Audience {
    const { tenant, terms } = this.context;
    const person = this.round.personOf(destination);
    return {
      language: recipient.language ?? terms.language ?? person.language,
      tenantLanguage: tenant.defaultLanguage,
      timeZone: person.timeZone ?? tenant.timeZone,
      currency: tenant.currency,
    };
  }
}
