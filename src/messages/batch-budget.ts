import { Refusal, type Complain } from '../errors.js';
import type { Money } from '../vocabulary.js';
import { fromMicros, isExact, toMicros } from './money.js';

const exceeded = (message: string): Refusal => new Refusal('BUDGET_EXCEEDED', message, ['to']);

export function checkMaxCost(maxCost: string | null, complain: Complain): void {
  if (maxCost !== null && (!isExact(maxCost) || toMicros(maxCost) < 0n))
    complain('INVALID_INPUT', 'An amount of at most 12 digits and 6 decimals, not below 0.', 'maxCost');
}

/** What a batch may cost, recipient by recipient. Without `max` it allows everything. */
export class BatchBudget {
  private readonly max: bigint | null;
  private micros: bigint;
  private currency: string | null;

  /** `spent`: by recipients that were accepted before. */
  constructor(max: string | null, spent: Money | null = null) {
    this.max = max === null ? null : toMicros(max);
    this.micros = spent ? toMicros(spent.amount) : 0n;
    this.currency = spent?.currency ?? null;
  }

  get spent(): Money | null {
    return this.currency === null ? null : { amount: fromMicros(this.micros), currency: this.currency };
  }

  /** Throws Refusal BUDGET_EXCEEDED, and then nothing is spent. A cost that nobody can tell fits no ceiling. */
  spend(cost: Money | null): void {
    if (this.max === null) return;
    if (!cost) throw exceeded('No price is known for this number, so maxCost cannot be kept.');
    if (this.currency !== null && this.currency !== cost.currency)
      throw exceeded(`Its price is in ${cost.currency}, that of others in ${this.currency}, so maxCost cannot be kept.`);
    const total = this.micros + toMicros(cost.amount);
    if (total > this.max) throw exceeded('With this recipient the batch would cost more than maxCost.');
    this.micros = total;
    this.currency = cost.currency;
  }
}
