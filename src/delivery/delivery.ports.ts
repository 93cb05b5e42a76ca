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

/** What a worker takes at once of what is due by the clock. */
export const DUE_AT_ONCE = 50;
/** As far as is counted what is due: for more than this, no more workers could be called. */
export const MOST_DUE = 10_000;

/** Sent, but without an answer; answered, but silent since. */
export type SilentStatus = 'UNCONFIRMED' | 'SENT';

/** Calls workers to the messages whose provider shall be asked about them, so many. Never throws: the sweep calls again. */
export interface LookUpQueue {
  callLookUps(due: Readonly<Record<SilentStatus, number>>): Promise<void>;
}

/** Calls workers to what providers shall be asked to forget. Never throws: the clock calls again. */
export interface RedactionQueue {
  callRedactions(due: number): Promise<void>;
}

/** Calls a worker to what providers' books tell. Never throws: the clock calls again. */
export interface ChargeQueue {
  callCharges(due: number): Promise<void>;
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
  /** Of its entry: ids sort by when they came. */
  id: string;
  provider: string;
  message: IncomingMessage;
  receivedAt: Date;
  /** In the transaction that applies it: its entry needs no further turn. False where that was so already. */
  settle(tx: Transaction<unknown>): Promise<boolean>;
}

/** What becomes of messages from people. */
export interface IncomingMessages {
  /** Applies the message once, however often it is called. Where it throws, or does not settle the entry, that has another turn. */
  receive(entry: JournalledMessage): Promise<void>;
}
