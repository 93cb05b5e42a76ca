import { setTimeout as sleep } from 'node:timers/promises';
import type { Lane } from '../messages/lane.js';
import type { Channel } from '../vocabulary.js';
import type { Routing } from './routing.js';

/** So long a job waits with its worker; then the worker is better used by others. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 50;

/**
 * Asked before messages are claimed. Claims would find as well that nobody takes a channel's messages just now, but only
 * row by row: of a campaign, each row would be read and written again and again for as long as an outage lasts.
 */
export class Admission {
  /** Messages that are being claimed: of a trial's few, none may be promised twice. */
  private readonly claiming = new Map<Channel, number>();

  constructor(private readonly routing: Routing) {}

  /** Waits a moment where that is enough. False: nobody takes messages of the channel for now. */
  async opens(channel: Channel | undefined, end: AbortSignal): Promise<boolean> {
    if (!channel) return true;
    const until = Date.now() + PATIENCE_MS;
    while (this.room(channel) === 0) {
      const waitMs = this.routing.waitMs(channel);
      if (end.aborted || Date.now() + LOOK_MS > until || waitMs > PATIENCE_MS) return false;
      await sleep(LOOK_MS, undefined, { signal: end }).catch(() => undefined);
    }
    return true;
  }

  /** How many of so many may be claimed; to be given back when they are. */
  take(channel: Channel | undefined, wanted: number): number {
    if (!channel) return wanted;
    const taken = Math.min(wanted, this.room(channel));
    this.claiming.set(channel, (this.claiming.get(channel) ?? 0) + taken);
    return taken;
  }

  give(channel: Channel | undefined, count: number): void {
    if (channel) this.claiming.set(channel, (this.claiming.get(channel) ?? 0) - count);
  }

  /** Milliseconds for which a job is better put off; 0 if it may go on. */
  waitMs(lane: Lane, channel: Channel | undefined): number {
    return channel ? this.routing.spread(lane, this.routing.waitMs(channel)) : 0;
  }

  private room(channel: Channel): number {
    return Math.max(0, this.routing.room(channel) - (this.claiming.get(channel) ?? 0));
  }
}
