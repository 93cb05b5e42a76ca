import { LRUCache } from 'lru-cache';
import { isBefore } from './feed-cursor.js';
import type { MessageFact } from './message-fact.js';
import type { MessageStatus } from './message-status.js';

/** How long a change waits for the one before it. What was lost is in the log, which is read each second; this is for a log that cannot be read, or only slowly. */
const HOLD_MS = 15_000;
/** Of seconds at the highest rate: changes of one message that overtake each other are a moment apart. */
const MESSAGES = 20_000;
/** More only wait to be verified while a transaction holds the log up; what is forgotten of them comes again. */
const MOST_SEEN = 100_000;

/**
 * Puts the publications of several processes into each message's own order: a worker's SENT may arrive after the
 * receipt's DELIVERED that another process published. A change whose predecessor is missing is held for a moment; one that
 * was overtaken is left to the log, from which the message is told again.
 * Drops what was handed on already.
 */
export class FactSequencer {
  /** Event id -> its transaction. In insertion order, so that forgetting walks from the oldest. */
  private readonly seen = new Map<string, string>();
  /** What is of an earlier transaction was handed on. */
  private verified = '0';
  private readonly last = new LRUCache<string, { id: string; status: MessageStatus }>({ max: MESSAGES });
  private readonly held = new Map<string, MessageFact[]>();
  private readonly timers = new Map<MessageFact, NodeJS.Timeout>();
  /** Messages whose changes the log is being asked for. */
  private readonly asked = new Set<string>();

  constructor(private readonly deliver: (fact: MessageFact) => void) {}

  /** Whether it was handed on; what is still held may yet be lost with the process. */
  has(eventId: string): boolean {
    return this.seen.has(eventId);
  }

  receive(facts: readonly MessageFact[]): void {
    for (const fact of facts) {
      const { id, xid } = fact.event;
      if (isBefore(xid, this.verified) || this.seen.has(id) || this.isHeld(fact)) continue;
      if (this.follows(fact)) this.handOn(fact);
      else this.hold(fact);
    }
  }

  /** To be called before the log is asked for changes of these messages: its answer may be older than what arrives meanwhile, which waits for `repeat`. */
  holdBack(messageIds: readonly string[]): void {
    for (const id of messageIds) this.asked.add(id);
  }

  /** What the log answered, each message's changes from a missed one onwards: handed on again from there, so that the order is right at the end. */
  repeat(facts: readonly MessageFact[]): void {
    const waiting = [...this.asked].flatMap((id) => this.held.get(id) ?? []);
    for (const id of this.asked) this.held.delete(id);
    this.asked.clear();
    for (const fact of facts) this.handOn(fact);
    // Most of it was among them; the rest is newer.
    this.receive(waiting);
  }

  /** Everything of earlier transactions was handed on, so the single changes need not be known any more. */
  verify(xid: string): void {
    this.verified = xid;
    for (const [id, of] of this.seen) {
      if (!isBefore(of, xid)) return;
      this.seen.delete(id);
    }
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.held.clear();
  }

  private follows({ event }: MessageFact): boolean {
    if (this.asked.has(event.messageId)) return false;
    const last = this.last.get(event.messageId);
    return !last || event.previousStatus === last.status;
  }

  private isHeld({ event }: MessageFact): boolean {
    return this.held.get(event.messageId)?.some((held) => held.event.id === event.id) ?? false;
  }

  private handOn(fact: MessageFact): void {
    const { id, messageId, status, xid } = fact.event;
    this.remember(id, xid);
    this.last.set(messageId, { id, status });
    this.deliver(fact);
    const waiting = this.held.get(messageId);
    const next = waiting?.findIndex((candidate) => this.follows(candidate)) ?? -1;
    const [following] = next >= 0 ? (waiting?.splice(next, 1) ?? []) : [];
    if (waiting?.length === 0) this.held.delete(messageId);
    if (following) this.handOn(following);
  }

  private remember(id: string, xid: string): void {
    this.seen.set(id, xid);
    if (this.seen.size <= MOST_SEEN) return;
    // Half of them at once: to look for the oldest of a Map takes long after each deletion.
    for (const oldest of [...this.seen.keys()].slice(0, MOST_SEEN / 2)) this.seen.delete(oldest);
  }

  private hold(fact: MessageFact): void {
    const { messageId } = fact.event;
    const waiting = this.held.get(messageId) ?? [];
    waiting.push(fact);
    this.held.set(messageId, waiting);
    // Held again after a reading, it does not wait anew.
    if (this.timers.has(fact)) return;
    const timer = setTimeout(() => {
      this.timers.delete(fact);
      this.release(messageId, fact);
    }, HOLD_MS);
    this.timers.set(fact, timer);
  }

  private release(messageId: string, fact: MessageFact): void {
    const waiting = this.held.get(messageId);
    const index = waiting?.indexOf(fact) ?? -1;
    if (!waiting || index < 0 || this.asked.has(messageId)) return;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.held.delete(messageId);
    // What was overtaken would seem to be the latest. The log has it in its place, whenever it can be read.
    if (!this.isOvertaken(fact)) this.handOn(fact);
  }

  private isOvertaken({ event }: MessageFact): boolean {
    const last = this.last.get(event.messageId);
    return last !== undefined && event.id < last.id;
  }
}
