import type { PolicyCheck } from '../consent/policy-gate.js';
import { Refusal, type UserErrorCode } from '../errors.js';
import type { Money } from '../vocabulary.js';
import { inSlices } from '../platform/batching/in-slices.js';
import type { BatchBudget } from './batch-budget.js';
import type { BudgetReservation } from './budget-account.js';
import type { Composed, PreparedSends, SendPreparation } from './send-preparation.js';
import type { DraftContext, MessageFactory } from './message-factory.js';
import type { MessageRow } from './message.row.js';
import type { Recipient } from './recipient.js';
import type { SegmentCount } from '../templates/segments.js';

export interface RejectedRecipient {
  /** Position among the recipients, from 0. */
  index: number;
  /** As it was given: the number, or the contact's id or externalId. */
  to: string;
  code: UserErrorCode;
  message: string;
}

export interface PreparedRecipients {
  rows: MessageRow[];
  rejected: RejectedRecipient[];
  /** By row. */
  checks: PolicyCheck[][];
  /** What the rows take of the tenant's budgets; to be released. */
  reserved: BudgetReservation;
}

export interface JudgedRecipients {
  /** What each recipient that can be sent to is expected to cost. */
  costs: (Money | null)[];
  rejected: RejectedRecipient[];
  /** Of each of them. */
  counts: (SegmentCount | null)[];
}

const MOST_RECIPIENTS = 10_000;
/** Texts of a template that took too much, before all of them are taken for such. */
const MOST_STOPPED = 10;

/** Throws Refusal INVALID_INPUT. */
export function checkRecipientCount({ recipients }: { recipients: readonly Recipient[] }): void {
  if (recipients.length === 0) throw new Refusal('INVALID_INPUT', 'Name at least one recipient.', ['recipients']);
  if (recipients.length > MOST_RECIPIENTS) throw new Refusal('INVALID_INPUT', 'At most 10,000 recipients in one call.', ['recipients']);
}

/** Tells those of many recipients who can be sent to from those who cannot. */
export class BatchRecipients {
  constructor(
    private readonly preparation: SendPreparation,
    private readonly factory: MessageFactory,
  ) {}

  /** Makes the messages of those who can be sent to. Throws Refusal for faults that all recipients share. */
  async prepare(context: DraftContext, recipients: readonly Recipient[], budget: BatchBudget): Promise<PreparedRecipients> {
    const rows: MessageRow[] = [];
    const checks: PolicyCheck[][] = [];
    const prepared = await this.preparation.open(context, recipients, true);
    const { reserved } = prepared;
    try {
      const rejected = await sift(prepared, context, recipients, budget, ({ admitted, words, cost }) => {
        rows.push(this.factory.make(context, admitted, words, cost));
        checks.push(admitted.checks);
      });
      return { rows, rejected, checks, reserved };
    } catch (error) {
      reserved.release();
      throw error;
    }
  }

  /** The same without making messages: nothing of it can be stored. */
  async judge(context: DraftContext, recipients: readonly Recipient[], budget: BatchBudget): Promise<JudgedRecipients> {
    const costs: (Money | null)[] = [];
    const counts: (SegmentCount | null)[] = [];
    const prepared = await this.preparation.open(context, recipients, false);
    const rejected = await sift(prepared, context, recipients, budget, ({ words, cost }) => {
      costs.push(cost);
      counts.push(words.count);
    });
    return { costs, rejected, counts };
  }
}

async function sift(
  prepared: PreparedSends,
  { now }: DraftContext,
  recipients: readonly Recipient[],
  budget: BatchBudget,
  take: (composed: Composed) => void,
): Promise<RejectedRecipient[]> {
  const rejected: RejectedRecipient[] = [];
  let stopped = 0;
  await inSlices(recipients, now, (recipient, index) => {
    try {
      take(prepared.compose(index, (cost) => budget.spend(cost)));
    } catch (error) {
      const one = rejection(recipient, error);
      // Each has taken as long as a text may: ten thousand of them would take an hour.
      if (one.code === 'TEMPLATE_INVALID' && ++stopped > MOST_STOPPED) throw error;
      rejected.push({ index, ...one });
    }
  });
  return rejected;
}

/** Throws what concerns everybody: a rule that forbids all is the batch's fault, not ten thousand recipients'. */
function rejection({ to, contactId, externalId }: Recipient, error: unknown): Omit<RejectedRecipient, 'index'> {
  if (!(error instanceof Refusal)) throw error;
  const [reason] = error.reasons;
  if (!reason || reason.code === 'CHANNEL_UNAVAILABLE') throw error;
  return { to: to ?? contactId ?? externalId ?? '', code: reason.code, message: reason.message };
}
