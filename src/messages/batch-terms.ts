import { refuseFaults } from '../errors.js';
import { checkMaxCost } from './batch-budget.js';
import { inspectTerms, type SendTerms } from './message-draft.js';
import type { ChannelDirectory } from './message.ports.js';

/** What the caller says of a batch, beside its recipients. */
export interface BatchTerms extends Omit<SendTerms, 'reference' | 'provider' | 'expiresAt' | 'fallbackAfterSeconds' | 'mediaUrls'> {
  name: string;
  /** Exact decimal; null without a ceiling. */
  maxCost: string | null;
}

/** What all messages of a batch have in common, as a single send would say it. */
export const sendTermsOf = (batch: BatchTerms): SendTerms => ({
  ...batch,
  reference: null,
  provider: null,
  expiresAt: null,
  fallbackAfterSeconds: null,
  mediaUrls: [],
});

/** The same, looked at. Throws one Refusal that names every fault at once. */
export function checkBatchTerms(batch: BatchTerms, directory: ChannelDirectory, now: Date): SendTerms {
  const terms = sendTermsOf(batch);
  refuseFaults((complain) => {
    if (!batch.name.trim() || batch.name.length > 200) complain('INVALID_INPUT', '1 to 200 characters.', 'name');
    checkMaxCost(batch.maxCost, complain);
    inspectTerms(terms, directory, now, complain);
  });
  return terms;
}
