import type { Transaction } from 'kysely';
import type { Channel } from '../vocabulary.js';

/** Tells subscribers on every process. Never throws; may be lost. */
export interface InboxPublisher {
  publish(change: InboxChange): void;
}

export interface InboxChange {
  tenantId: string;
  conversationId: string;
  /** The message that came in, where one did. */
  inboundId: string | null;
  /** The conversation that went into this one just now. */
  goneId?: string | null;
}

/** Whether a question waits for this person's answer on this channel, so that YES and CANCEL mean it. */
export interface AnswerWindow {
  openFor(
    tx: Transaction<unknown>,
    who: { tenantId: string; addressHash: Buffer; channel: Channel; at: Date },
  ): Promise<{ questionId: string } | null>;
  /** It has its answer: what comes next does not mean it any more. */
  answered(tx: Transaction<unknown>, tenantId: string, questionId: string, at: Date): Promise<void>;
}
