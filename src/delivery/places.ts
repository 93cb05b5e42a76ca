import { Lane } from '../messages/lane.js';

interface Waiting {
  lane: Lane;
  wanted: number;
  resolve(count: number): void;
}

/**
 * Provider calls that may be under way at once, over all jobs of a process. They are taken before messages are claimed,
 * so that what is claimed is sent at once: a process that dies leaves few messages behind that nobody has asked for yet.
 */
export class Places {
  private readonly waiting: Waiting[] = [];
  private free: number;

  constructor(private readonly total: number) {
    this.free = total;
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
    this.free += count;
    this.serve();
  }

  private serve(): void {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      const isCode = next.lane === Lane.otp;
      // Codes find a place whatever a campaign does.
      const usable = isCode ? this.free : this.free - Math.floor(this.total / 8);
      // A group that is worth a transaction, not each place as it becomes free; a code does not wait for that.
      const enough = isCode ? 1 : Math.min(next.wanted, Math.max(1, Math.floor(this.total / 4)));
      if (usable < enough) return;
      this.waiting.shift();
      const taken = Math.min(next.wanted, usable);
      this.free -= taken;
      next.resolve(taken);
    }
  }
}
