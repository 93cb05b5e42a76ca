import type { PolicyCheck } from '../consent/policy-gate.js';
import { Refusal, type UserErrorCode } from '../errors.js';
import type { Money } from '../vocabulary.js';
import type { BatchBudget } from './batch-budget.js';
import type { ChannelDirectory, PriceList } from './message.ports.js';
import { countBody, type Admitted, type DraftContext, type MessageFactory, type Recipient } from './message-factory.js';
import type { MessageRow } from './message.row.js';
import type { SegmentCount } from '../templates/segments.js';

export interface RejectedRecipient {
  /** Position among the recipients, from 0. */
  index: number;
  /** As it was given. */
  to: string;
  code: UserErrorCode;
  message: string;
}

export interface PreparedRecipients {
  rows: MessageRow[];
  rejected: RejectedRecipient[];
  checks: PolicyCheck[];
}

export interface JudgedRecipients {
  /** What each recipient that can be sent to is expected to cost. */
  costs: (Money | null)[];
  rejected: RejectedRecipient[];
  count: SegmentCount | null;
}

/** Recipients looked at before other requests get a turn: sealing ten thousand numbers in one go would stall them all. */
const SLICE = 100;

/** Tells those of many recipients who can be sent to from those who cannot. */
export class BatchRecipients {
  constructor(
    private readonly factory: MessageFactory,
    private readonly prices: PriceList,
    private readonly directory: ChannelDirectory,
  ) {}

  /** Makes the messages of those who can be sent to. Throws Refusal for faults that all recipients share. */
  async prepare(context: DraftContext, recipients: readonly Recipient[], budget: BatchBudget): Promise<PreparedRecipients> {
    const count = countBody(context.terms);
    const rows: MessageRow[] = [];
    let checks: PolicyCheck[] = [];
    const rejected = await this.sift(context, recipients, (recipient, admitted) => {
      const cost = this.costOf(context, admitted, count);
      budget.spend(cost);
      const made = this.factory.make(context, recipient, count, admitted);
      rows.push({ ...made.row, estimateAmount: cost?.amount ?? null, estimateCurrency: cost?.currency ?? null });
      checks = made.checks;
    });
    return { rows, rejected, checks };
  }

  /** The same without making messages: nothing of it can be stored. */
  async judge(context: DraftContext, recipients: readonly Recipient[], budget: BatchBudget): Promise<JudgedRecipients> {
    const count = countBody(context.terms);
    const costs: (Money | null)[] = [];
    const rejected = await this.sift(context, recipients, (_recipient, admitted) => {
      const cost = this.costOf(context, admitted, count);
      budget.spend(cost);
      costs.push(cost);
    });
    return { costs, rejected, count };
  }

  private async sift(
    context: DraftContext,
    recipients: readonly Recipient[],
    take: (recipient: Recipient, admitted: Admitted) => void,
  ): Promise<RejectedRecipient[]> {
    const rejected: RejectedRecipient[] = [];
    for (const [index, recipient] of recipients.entries()) {
      if (index > 0 && index % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      try {
        take(recipient, this.factory.admit(context, recipient));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const [reason] = error.reasons;
        // A rule that forbids everybody is the batch's fault, not ten thousand recipients'.
        if (!reason || reason.code === 'CHANNEL_UNAVAILABLE') throw error;
        rejected.push({ index, to: recipient.to ?? '', code: reason.code, message: reason.message });
      }
    }
    return rejected;
  }

  private costOf({ terms }: DraftContext, { country }: Admitted, count: SegmentCount | null): Money | null {
    const channel = terms.channels[0] ?? 'SMS';
    const provider = terms.provider ?? this.directory.preferred(channel);
    if (!provider) return null;
    return this.prices.estimate({ provider, channel, country, category: terms.category, segments: count?.segments ?? null });
  }
}
