import type { Transaction } from 'kysely';
import type { Lane } from '../messages/lane.js';
import type { DispatchQueue } from '../messages/message.ports.js';
import type { IncomingMessage } from './provider.js';

export interface LaneQueue extends DispatchQueue {
  /** Lanes in which no job waits; null when the queue cannot be asked. */
  idleLanes(): Promise<Lane[] | null>;
}

/** What providers are sent at most, over all processes. */
export interface SendRate {
  /** Resolves when at least one of so many may go, with how many: at most `wanted`. Codes do not wait. 0 once `end` is signalled. */
  take(lane: Lane, wanted: number, end: AbortSignal): Promise<number>;
}

export const UNLIMITED: SendRate = { take: (_lane, wanted) => Promise.resolve(wanted) };

/** Messages whose provider shall be asked what became of them. Never throws: the sweep finds them again. */
export interface LookUpQueue {
  add(messageIds: readonly string[]): Promise<void>;
}

/** What providers shall be asked to forget. Never throws: the clock finds them again. */
export interface RedactionQueue {
  addRedactions(redactionIds: readonly string[]): Promise<void>;
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

/** A message from a person, as it stands in the journal. */
export interface JournalledMessage {
  provider: string;
  message: IncomingMessage;
  receivedAt: Date;
  /** In the transaction that applies it: its entry needs no further turn. */
  settle(tx: Transaction<unknown>): Promise<void>;
}

/** What becomes of messages from people. */
export interface IncomingMessages {
  /** Applies the message once, however often it is called. Where it throws, or does not settle the entry, that has another turn. */
  receive(entry: JournalledMessage): Promise<void>;
}
