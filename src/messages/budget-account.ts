import type { BudgetFacts } from '../consent/policy-facts.js';
import type { Money } from '../vocabulary.js';
import { toMicros } from './money.js';

/** By currency, in millionths. */
type Amounts = ReadonlyMap<string, bigint>;

/** What was found of a tenant's budgets that stop at their limit. Times are the process's own (`performance.now`). */
export interface BudgetReading {
  /** What was stored before is in it, what was stored after may be. */
  began: number;
  keptUntil: number;
  budgets: readonly (Omit<BudgetFacts, 'used' | 'cost'> & { charged: bigint; expected: bigint })[];
}

const NEVER: BudgetReading = { began: -Infinity, keptUntil: -Infinity, budgets: [] };

/** What one tenant has spent, as it was last read, and what this process has promised of it that the reading cannot tell. */
export class BudgetAccount {
  private latest = NEVER;
  private changedAt = -Infinity;
  private readonly reserved = new Map<string, bigint>();
  /** What of that is stored, and waits for a reading that began later. */
  private stored: { at: number; amounts: Amounts }[] = [];

  get isRead(): boolean {
    return this.latest.began > this.changedAt && performance.now() < this.latest.keptUntil;
  }

  /** The budgets were changed: what was read, or is being read, is not theirs. */
  changed(): void {
    this.changedAt = performance.now();
  }

  take(reading: BudgetReading): void {
    // One that began later may have ended earlier, and what it has seen is not kept here any more.
    if (reading.began < this.latest.began) return;
    this.latest = reading;
    for (const { at, amounts } of this.stored) if (at <= reading.began) this.release(amounts);
    this.stored = this.stored.filter(({ at }) => at > reading.began);
  }

  whenAccepted(cost: Money | null): BudgetFacts[] {
    return this.latest.budgets.map(({ charged, expected, ...budget }) => ({
      ...budget,
      used: charged + expected + (this.reserved.get(budget.currency) ?? 0n),
      cost: cost?.currency === budget.currency ? toMicros(cost.amount) : 0n,
    }));
  }

  whenClaimed(): BudgetFacts[] {
    return this.latest.budgets.map(({ charged, expected: _waiting, ...budget }) => ({ ...budget, used: charged, cost: 0n }));
  }

  get hasBudgets(): boolean {
    return this.latest.budgets.length > 0;
  }

  reserve(currency: string, micros: bigint): void {
    this.reserved.set(currency, (this.reserved.get(currency) ?? 0n) + micros);
  }

  release(amounts: Amounts): void {
    for (const [currency, micros] of amounts) this.reserve(currency, -micros);
  }

  keepUntilRead(amounts: Amounts): void {
    this.stored.push({ at: performance.now(), amounts });
  }

  /** To try something on. */
  copy(): BudgetAccount {
    const copy = new BudgetAccount();
    copy.latest = this.latest;
    for (const [currency, micros] of this.reserved) copy.reserve(currency, micros);
    return copy;
  }
}

/** The part of a tenant's budgets that sends take which are judged together. It counts for all others from the moment it is taken. */
export class BudgetReservation {
  private amounts = new Map<string, bigint>();

  constructor(private readonly account: BudgetAccount) {}

  /** As they are at this moment, with what others take meanwhile. */
  facts(cost: Money | null): BudgetFacts[] {
    return this.account.whenAccepted(cost);
  }

  add({ amount, currency }: Money): void {
    if (!this.account.hasBudgets) return;
    const micros = toMicros(amount);
    this.amounts.set(currency, (this.amounts.get(currency) ?? 0n) + micros);
    this.account.reserve(currency, micros);
  }

  /** To be called after the commit: it counts until a reading has it. */
  stored(): void {
    if (this.amounts.size > 0) this.account.keepUntilRead(this.amounts);
    this.amounts = new Map();
  }

  /** Gives back what was not stored. To be called whatever happens: what nobody gives back is refused to others for ever. */
  release(): void {
    this.account.release(this.amounts);
    this.amounts = new Map();
  }
}
