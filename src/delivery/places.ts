import { Lane } from '../messages/lane.js';

interface Waiting {
  lane: Lane;
  wanted: number;
  resolve(count: number): void;
}

/** What is claimed ahead of the calls goes out within this time: so little is left behind by a process that dies. */
const AHEAD_MS = 100;
const MOST_AHEAD = 960;
const WINDOW_MS = 100;

/**
 * Messages that a process may have claimed and not heard of yet, over all its jobs: one for each connection to the provider,
 * and as many more as the provider takes in a tenth of a second. Without those a fast provider would be asked in groups
 * too small to be worth their transactions; with many, a process that dies would leave many messages behind that nobody
 * has asked for yet.
 */
export class Places {
  private readonly waiting: Waiting[] = [];
  private taken = 0;
  private total: number;
  private windowFrom = 0;
  private answers = 0;

  constructor(private readonly connections: number) {
    this.total = connections;
  }

  /** A call has ended. */
  answered(): void {
    this.answers++;
    const now = performance.now();
    const tookMs = now - this.windowFrom;
    if (tookMs >= WINDOW_MS) {
      // After a rest the window says nothing about the pace.
      const ahead = tookMs > 10 * WINDOW_MS ? 0 : Math.round((this.answers / tookMs) * AHEAD_MS);
      this.total = this.connections + Math.min(MOST_AHEAD, ahead);
      this.windowFrom = now;
      this.answers = 0;
    }
    this.give(1);
  }

  /** Resolves with how many were taken: at least one, at most `wanted`. */
  take(lane: Lane, wanted: number): Promise<number> {
    return new Promise((resolve) => {
      const waiting = { lane, wanted, resolve };
      const firstOther = this.waiting.findIndex((other) => other.lane !== Lane.otp);
      if (lane === Lane.otp && firstOther >= 0) this.waiting.splice(firstOther, 0, waiting);
      else this.waiting.push(waiting);
      this.serve();
    });
  }

  give(count: number): void {
    this.taken -= count;
    this.serve();
  }

  private serve(): void {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      const free = this.total - this.taken;
      const isCode = next.lane === Lane.otp;
      // Codes find a place whatever a campaign does.
      const usable = isCode ? free : free - Math.floor(this.total / 8);
      // A group that is worth a transaction, not each place as it becomes free; a code does not wait for that. Of a fast
      // provider's places half, because the other half keeps the connections busy meanwhile.
      const worth = this.total > 2 * this.connections ? this.total / 2 : this.total / 4;
      const enough = isCode ? 1 : Math.min(next.wanted, Math.max(1, Math.floor(worth)));
      if (usable < enough) return;
      this.waiting.shift();
      const taken = Math.min(next.wanted, usable);
      this.taken += taken;
      next.resolve(taken);
    }
  }
}
