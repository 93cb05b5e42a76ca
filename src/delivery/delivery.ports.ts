import type { Lane } from '../messages/lane.js';
import type { DispatchQueue } from '../messages/message.ports.js';

export interface LaneQueue extends DispatchQueue {
  /** Lanes in which no job waits; null when the queue cannot be asked. */
  idleLanes(): Promise<Lane[] | null>;
}

/** What providers are sent at most, over all processes. */
export interface SendRate {
  /** Resolves when at least one of so many may go, with how many: at most `wanted`. Codes do not wait. */
  take(lane: Lane, wanted: number): Promise<number>;
}

export const UNLIMITED: SendRate = { take: (_lane, wanted) => Promise.resolve(wanted) };

/** Messages whose provider shall be asked what became of them. Never throws: the sweep finds them again. */
export interface LookUpQueue {
  add(messageIds: readonly string[]): Promise<void>;
}

export interface QueueFigures {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  oldestWaitingSeconds: number | null;
}

export interface QueueInspector {
  figures(): Promise<QueueFigures[]>;
}
