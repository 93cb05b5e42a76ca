import type { Money } from '../../../vocabulary.js';
import { BoundedMap } from './bounded-map.js';
import type { SimulatedStatus } from './simulator-outcomes.js';
import type { MessageRequest } from './simulator-protocol.js';

/** A message that the simulator took. */
export interface SimulatedMessage extends Omit<MessageRequest, 'incomingUrl'> {
  sid: string;
  status: SimulatedStatus;
  segments: number;
  price: Money;
  /** When it took each status: unix ms. */
  happened: Partial<Record<SimulatedStatus, number>> & { accepted: number };
}

export interface Counts {
  /** Calls that asked to send it, whatever they were answered. */
  asked: number;
  /** How many of them a real person would have received. */
  taken: number;
}

/** How much is remembered before the oldest is forgotten. */
export interface LedgerLimits {
  /** Messages with all they hold. */
  messages: number;
  /** Ids with nothing but their counts. */
  counts: number;
}

/** What the simulator remembers, in bounded memory. */
export class SimulatorLedger {
  readonly total: Counts = { asked: 0, taken: 0 };
  /** Both counts in one number, which a Map holds without a further object: asked in the upper bits, taken in the lower 16. */
  readonly #counts: BoundedMap<string, number>;
  readonly #bySid: BoundedMap<string, SimulatedMessage>;
  readonly #byId: BoundedMap<string, SimulatedMessage>;
  readonly #byAttempt: BoundedMap<string, SimulatedMessage>;
  #remembersSince = Date.now();

  constructor(limits: LedgerLimits = { messages: 100_000, counts: 2_000_000 }) {
    this.#counts = new BoundedMap(limits.counts);
    this.#bySid = new BoundedMap(limits.messages);
    this.#byId = new BoundedMap(limits.messages);
    this.#byAttempt = new BoundedMap(limits.messages);
  }

  /** Unix ms: a message taken then or later is surely known. */
  get remembersSince(): number {
    return this.#remembersSince;
  }

  countsOf(id: string): Counts {
    const both = this.#counts.get(id) ?? 0;
    return { asked: both >>> 16, taken: both & 0xffff };
  }

  /** Returns how often it was asked so far, this time included. */
  asked(id: string): number {
    this.total.asked++;
    const { asked, taken } = this.countsOf(id);
    this.#count(id, { asked: asked + 1, taken });
    return asked + 1;
  }

  took(message: SimulatedMessage): void {
    this.total.taken++;
    const { asked, taken } = this.countsOf(message.id);
    this.#count(message.id, { asked, taken: taken + 1 });
    this.#byId.set(message.id, message);
    this.#byAttempt.set(attemptKey(message), message);
    const forgotten = this.#bySid.set(message.sid, message);
    if (forgotten) this.#remembersSince = Math.max(this.#remembersSince, forgotten.happened.accepted + 1);
  }

  /** By the simulator's id, by ours and the attempt, or the newest of ours. */
  find(wanted: { sid: string } | { id: string; attempt?: number }): SimulatedMessage | undefined {
    if ('sid' in wanted) return this.#bySid.get(wanted.sid);
    return wanted.attempt === undefined
      ? this.#byId.get(wanted.id)
      : this.#byAttempt.get(attemptKey({ ...wanted, attempt: wanted.attempt }));
  }

  /** It stays, without what it said and whom it went to. */
  redact(sid: string): void {
    const message = this.#bySid.get(sid);
    if (message) Object.assign(message, { to: '', from: null, body: '', mediaUrls: [] });
  }

  /** Oldest first. */
  messages(): SimulatedMessage[] {
    return this.#bySid.values();
  }

  #count(id: string, { asked, taken }: Counts): void {
    this.#counts.set(id, (Math.min(asked, 0x7fff) << 16) | Math.min(taken, 0xffff));
  }
}

const attemptKey = ({ id, attempt }: { id: string; attempt: number }): string => `${attempt}/${id}`;
