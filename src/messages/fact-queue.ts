import { AppError, ErrorCode } from '../errors.js';

/** Enough for a burst of a large batch; a reader that is further behind is better served by resuming from its cursor. */
const CAPACITY = 10_000;

/** What waits for one slow reader, bounded: beyond that, reading ends with SLOW_CONSUMER and nothing more is kept. */
export class FactQueue<T> implements AsyncIterable<T> {
  private facts: T[] = [];
  private overflown = false;
  private closed = false;
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(private readonly capacity = CAPACITY) {}

  push(fact: T): void {
    if (this.overflown || this.closed) return;
    if (this.facts.length >= this.capacity) {
      this.overflown = true;
      this.facts = [];
    } else {
      this.facts.push(fact);
    }
    this.wake?.();
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Begins anew if it ran over; false when nothing was lost. */
  restart(): boolean {
    const lost = this.overflown && !this.closed;
    this.overflown = false;
    return lost;
  }

  /** Ends the reading, also one that waits just now. */
  close(): void {
    this.closed = true;
    this.facts = [];
    this.wake?.();
  }

  /** Ends the reading with the error, also one that waits just now. */
  fail(error: Error): void {
    this.failure = error;
    this.facts = [];
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (!this.closed) {
      if (this.failure) throw this.failure;
      if (this.overflown)
        throw new AppError(ErrorCode.SLOW_CONSUMER, 'This subscription fell too far behind; subscribe again with `after`.');
      const facts = this.facts;
      this.facts = [];
      yield* facts;
      if (this.facts.length === 0 && !this.overflown && !this.failure && !this.closed)
        await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = null;
    }
  }
}
