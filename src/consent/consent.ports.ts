import type { Transaction } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import type { Channel, MessageCategory } from '../vocabulary.js';

/** Who caused a withdrawal, in the words of a message's events. */
export type WithdrawalSource = 'API' | 'WORKER' | 'WEBHOOK' | 'POLL' | 'SCHEDULER' | 'CONTACT';

/** From `at` on nothing of this may be sent to these addresses. */
export interface Withdrawal {
  tenantId: string;
  addressHashes: readonly Buffer[];
  channels: Channel[];
  /** Null: all. */
  categories: MessageCategory[] | null;
  at: Date;
  source: WithdrawalSource;
  /** For the events of the messages; nothing personal. */
  detail: object;
}

/** Messages that were accepted before a withdrawal and have not gone out. */
export interface HeldMessages {
  /** In the transaction of the withdrawal, which holds the places of the addresses. Returns what to do after the commit. */
  suppress(tx: Transaction<unknown>, withdrawal: Withdrawal): Promise<() => void>;
}

/** Asks a person to agree. */
export interface OptInQuestions {
  /** Throws Refusal where the question cannot be sent; then none was. */
  ask(caller: Caller, question: OptInQuestion): Promise<void>;
}

export interface OptInQuestion {
  /** Unmasked. */
  to: string;
  channel: Channel;
  language: string | null;
  /** What the person is asked to agree to. */
  statement: string;
  /** Where to agree without an answer. */
  link: string | null;
  /** Of the message: an answer counts from when that went out. */
  reference: string;
  /** From then on no answer counts, and the question must not go out. */
  expiresAt: Date;
}
