import type { Caller } from '../accounts/caller.js';
import type { Money } from '../vocabulary.js';
import { BatchBudget } from './batch-budget.js';
import { checkRecipientCount, type BatchRecipients, type RejectedRecipient } from './batch-recipients.js';
import { checkBatchTerms } from './batch-terms.js';
import type { SendBulk } from './batch.service.js';
import type { ChannelDirectory, TenantSource } from './message.ports.js';
import { sum } from './money.js';
import { withTemplate, type TemplateSource } from './templated-terms.js';
import type { SegmentCount, SmsEncoding } from '../templates/segments.js';

export interface BulkForecast {
  recipients: number;
  deliverable: number;
  rejected: RejectedRecipient[];
  /** Of all messages together; 0 on channels that do not count them. */
  segments: number;
  encoding: SmsEncoding | null;
  /** Null when any part of it is not known. */
  cost: Money | null;
  durationSeconds: number;
}

/** What a bulk send would do, asked of the same checks and without storing anything. */
export class BatchForecastService {
  constructor(
    private readonly tenants: TenantSource,
    private readonly recipients: BatchRecipients,
    private readonly directory: ChannelDirectory,
    /** What providers are sent at most; null without a limit. */
    private readonly messagesPerSecond: number | null,
    private readonly templates: TemplateSource,
  ) {}

  /** Throws Refusal for what concerns all recipients. */
  async forecast(caller: Caller, input: SendBulk): Promise<BulkForecast> {
    const now = new Date();
    checkRecipientCount(input);
    const { terms: inForce, template } = await withTemplate(this.templates, caller.tenantId, input);
    const terms = checkBatchTerms(inForce, this.directory, now);
    const tenant = await this.tenants.settings(caller.tenantId);
    const context = { tenantId: caller.tenantId, tenant, terms, template, batchId: null, now };
    const { costs, rejected, counts } = await this.recipients.judge(context, input.recipients, new BatchBudget(input.maxCost));
    const known = costs.flatMap((cost) => cost ?? []);
    return {
      recipients: input.recipients.length,
      deliverable: costs.length,
      rejected,
      segments: counts.reduce((total, count) => total + (count?.segments ?? 0), 0),
      encoding: widest(counts),
      cost: known.length === costs.length ? sum(known) : null,
      durationSeconds: this.messagesPerSecond === null ? 0 : Math.ceil(costs.length / this.messagesPerSecond),
    };
  }
}

/** UCS2 as soon as one of them needs it; null where none is an SMS. */
function widest(counts: readonly (SegmentCount | null)[]): SmsEncoding | null {
  const encodings = new Set(counts.flatMap((count) => count?.encoding ?? []));
  if (encodings.has('UCS2')) return 'UCS2';
  return encodings.has('GSM7') ? 'GSM7' : null;
}
