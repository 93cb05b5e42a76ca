import { LRUCache } from 'lru-cache';
import type { MessageFact } from './message-fact.js';
import type { MessageStatus } from './message-status.js';

/** How long a change waits for the one before it, which another process may still be publishing. */
const HOLD_MS = 150;
/** The log is read every second, so an id is needed for a few seconds at most. */
const REMEMBER_MS = 60_000;
const MESSAGES = 100_000;

/**
 * Puts the publications of several processes into each message's own order: a worker's SENT may arrive after the
 * receipt's DELIVERED that another process published. A change whose predecessor is missing is held for a moment.
 * Drops what was handed on already.
 */
export class FactSequencer {
  /** Event id -> when it came. In insertion order, so that forgetting walks from the oldest. */
  private readonly seen = new Map<string, number>();
  private readonly last = new LRUCache<string, MessageStatus>({ max: MESSAGES });
  private readonly held = new Map<string, MessageFact[]>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly deliver: (fact: MessageFact) => void) {}

  /** Whether it was handed on; what is still held may yet be lost with the process. */
  has(eventId: string): boolean {
    return this.seen.has(eventId);
  }

  receive(facts: readonly MessageFact[]): void {
    for (const fact of facts) {
      if (this.seen.has(fact.event.id) || this.isHeld(fact)) continue;
      if (this.follows(fact)) this.handOn(fact);
      else this.hold(fact);
    }
  }

  /** A message's changes from a missed one onwards, from the log: handed on again from there, so that the order is right at the end. */
  repeat(facts: readonly MessageFact[]): void {
    // What was held is among them, in its place.
    for (const { event } of facts) this.held.delete(event.messageId);
    for (const fact of facts) this.handOn(fact);
  }

  forget(now = Date.now()): void {
    for (const [id, at] of this.seen) {
      if (now - at < REMEMBER_MS) return;
      this.seen.delete(id);
    }
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.held.clear();
  }

  private follows({ event }: MessageFact): boolean {
    const last = this.last.get(event.messageId);
    return !last || event.previousStatus === null || event.previousStatus === last;
  }

  private isHeld({ event }: MessageFact): boolean {
    return this.held.get(event.messageId)?.some((held) => held.event.id === event.id) ?? false;
  }

  private handOn(fact: MessageFact): void {
    const { id, messageId, status } = fact.event;
    this.seen.set(id, Date.now());
    this.last.set(messageId, status);
    this.deliver(fact);
    const waiting = this.held.get(messageId);
    const next = waiting?.findIndex((candidate) => this.follows(candidate)) ?? -1;
    const [following] = next >= 0 ? (waiting?.splice(next, 1) ?? []) : [];
    if (waiting?.length === 0) this.held.delete(messageId);
    if (following) this.handOn(following);
  }

  private hold(fact: MessageFact): void {
    const { messageId } = fact.event;
    const waiting = this.held.get(messageId) ?? [];
    waiting.push(fact);
    this.held.set(messageId, waiting);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.release(messageId, fact);
    }, HOLD_MS);
    this.timers.add(timer);
  }

  private release(messageId: string, fact: MessageFact): void {
    const waiting = this.held.get(messageId);
    const index = waiting?.indexOf(fact) ?? -1;
    if (!waiting || index < 0) return;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.held.delete(messageId);
    this.handOn(fact);
  }
}
