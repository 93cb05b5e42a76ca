import type { Kysely } from 'kysely';
import type { FrequencyCap } from '../accounts/tenant.entity.js';
import { askPolicy, openChannel, quietEnd, type PolicyCheck, type PolicyRule, type Verdict } from '../consent/policy-gate.js';
import { UNKNOWN_PERSON, type PersonFacts, type PolicyFacts } from '../consent/policy-facts.js';
import { Refusal } from '../errors.js';
import type { Channel, MessageCategory, Money } from '../vocabulary.js';
import type { BudgetReservation } from './budget-account.js';
import type { BudgetLedger } from './budget-ledger.js';
import { countTowardsCaps, findPersons } from './gate-facts.queries.js';
import type { SendingTenant } from './message.ports.js';
import type { Addressed, Destination } from './recipient.js';

/** What is to be sent, to whomever. */
export interface GateQuestion {
  tenantId: string;
  tenant: SendingTenant;
  category: MessageCategory;
  topic: string | null;
  /** Null: now. */
  sendAt: Date | null;
  expiresAt: Date | null;
  now: Date;
}

/** The message as far as the gate has to know it: known once its words are. */
export interface GateMessage {
  isFreeText: boolean;
  /** What it is expected to cost; null where nobody can tell. */
  cost: Money | null;
}

/** A recipient who may be sent to. */
export interface Admitted {
  addressed: Addressed;
  destination: Destination;
  /** Where the same address can be reached as well, in order. */
  furtherChannels: Channel[];
  checks: PolicyCheck[];
  /** When quiet hours are over; null where it may go out at the time that was asked for. */
  notBefore: Date | null;
  /** The person's; null where it is not known. */
  language: string | null;
}

/** Asks the policy for messages that are about to be accepted. */
export class SendGate {
  constructor(
    private readonly db: Kysely<unknown>,
    private readonly budgets: BudgetLedger,
    private readonly settings: { messagingEnabled: boolean },
  ) {}

  /** Loads what is known of all of them at once. `reserves`: what is let through counts for others, until `reserved` is released. */
  async open(question: GateQuestion, recipients: readonly Addressed[], reserves: boolean): Promise<GateRound> {
    const { tenantId, tenant, category, topic, now } = question;
    const at = question.sendAt && question.sendAt > now ? question.sendAt : now;
    const all = recipients.flatMap(({ destinations }) => destinations);
    const cap = tenant.frequencyCaps.find((one) => one.category === category);
    const finding = findPersons(
      this.db,
      all.map(({ hash, channel }) => ({ tenantId, hash, channel, category, topic })),
    );
    const countAround = async (caps: FrequencyCap): Promise<number[]> => {
      // By whose clock it is quiet is known with the persons; where nothing is put off, nobody waits for them.
      const found = tenant.quietHours?.categories.includes(category) ? await finding : [];
      const goesOutAt = (person = UNKNOWN_PERSON): Date => quietEnd({ at, tenant, person, message: { category } }) ?? at;
      return countTowardsCaps(
        this.db,
        all.map(({ hash }, n) => ({ ...caps, tenantId, hash, at: goesOutAt(found[n]), except: [] })),
        true,
      );
    };
    const [persons, reserved, counts] = await Promise.all([
      finding,
      this.budgets.whenAccepted(this.db, { tenantId, timeZone: tenant.timeZone }, reserves),
      cap ? countAround(cap) : null,
    ]);
    const known = new Map<Destination, PersonFacts>();
    all.forEach((destination, n) => {
      const person = persons[n] ?? UNKNOWN_PERSON;
      known.set(destination, cap ? { ...person, cap: { ...cap, sent: counts?.[n] ?? 0 } } : person);
    });
    return new GateRound(question, at, this.settings.messagingEnabled, known, reserved);
  }
}

/** Rules that are about whom it goes to. */
const ABOUT_THE_PERSON: readonly PolicyRule[] = ['COUNTRY', 'SUPPRESSION', 'CONSENT', 'PREFERENCE', 'FREQUENCY_CAP'];
const FIELD_OF: Partial<Record<PolicyRule, string[]>> = { SESSION_WINDOW: ['body'], QUIET_HOURS: ['expiresAt'], VALIDITY: ['expiresAt'] };

/** What was known at one moment of those who are sent to together. What it lets through counts for those who follow. */
export class GateRound {
  private readonly sentTo = new Map<string, number>();

  constructor(
    private readonly question: GateQuestion,
    private readonly at: Date,
    private readonly messagingEnabled: boolean,
    private readonly persons: ReadonlyMap<Destination, PersonFacts>,
    readonly reserved: BudgetReservation,
  ) {}

  /** The first that the person can be reached by and that no rule about the channel forbids; the first of all where each is forbidden. */
  destinationOf({ destinations }: Addressed, isFreeText: boolean): Destination {
    const byChannel = new Map(destinations.map((destination) => [destination.channel, destination]));
    const factsOf = (channel: Channel): PolicyFacts => this.facts(byChannel.get(channel), { isFreeText, cost: null });
    const channel = openChannel([...byChannel.keys()], factsOf);
    const destination = channel && byChannel.get(channel);
    if (!destination) throw new Error('A recipient needs a destination.');
    return destination;
  }

  ask(destination: Destination, message: GateMessage): Verdict {
    return askPolicy(this.facts(destination, message));
  }

  /** Throws Refusal, its path relative to the recipient. `spend` has the last word, and counts for nothing when it throws. */
  admit(addressed: Addressed, destination: Destination, message: GateMessage, spend: (cost: Money | null) => void): Admitted {
    const { checks, refusal, notBefore } = this.ask(destination, message);
    if (refusal) {
      const { rule, code } = refusal;
      throw new Refusal(code, refusal.message, ABOUT_THE_PERSON.includes(rule) ? [addressed.field] : (FIELD_OF[rule] ?? []));
    }
    spend(message.cost);
    this.count(destination, message.cost);
    const { destinations } = addressed;
    // A message keeps its address on the further channels, so only those count that share it.
    const furtherChannels = destinations
      .slice(destinations.indexOf(destination) + 1)
      .flatMap(({ channel, address }) => (address === destination.address ? [channel] : []));
    return { addressed, destination, furtherChannels, checks, notBefore, language: this.personOf(destination).language };
  }

  personOf(destination: Destination): PersonFacts {
    return this.persons.get(destination) ?? UNKNOWN_PERSON;
  }

  private count(destination: Destination, cost: Money | null): void {
    const key = keyOf(destination);
    if (this.persons.get(destination)?.cap) this.sentTo.set(key, (this.sentTo.get(key) ?? 0) + 1);
    if (cost) this.reserved.add(cost);
  }

  private facts(destination: Destination | undefined, { isFreeText, cost }: GateMessage): PolicyFacts {
    const { tenant, category, topic, expiresAt } = this.question;
    const person = (destination && this.persons.get(destination)) ?? UNKNOWN_PERSON;
    const more = destination && person.cap ? (this.sentTo.get(keyOf(destination)) ?? 0) : 0;
    return {
      at: this.at,
      looksAhead: true,
      messagingEnabled: this.messagingEnabled,
      tenant,
      message: { channel: destination?.channel ?? 'SMS', category, topic, country: destination?.country ?? null, isFreeText, expiresAt },
      person: more > 0 && person.cap ? { ...person, cap: { ...person.cap, sent: person.cap.sent + more } } : person,
      budgets: this.reserved.facts(cost),
    };
  }
}

const keyOf = ({ hash }: Destination): string => hash.toString('base64');
