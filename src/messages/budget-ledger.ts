import { LRUCache } from 'lru-cache';
import type { Kysely } from 'kysely';
import type { BudgetFacts } from '../consent/policy-facts.js';
import type { Money } from '../vocabulary.js';
import { budgetsOf, expectedCharges, type BudgetRow } from './budget.queries.js';
import { periodOf } from './budget-period.js';
import type { Charges } from './message.ports.js';
import { toMicros } from './money.js';

interface BudgetTenant {
  tenantId: string;
  timeZone: string;
}

interface Reading {
  budgets: { row: BudgetRow; from: Date; to: Date; charged: bigint; expected: bigint }[];
  /** Expected for what this process has accepted since, by currency. */
  added: Map<string, bigint>;
}

const REMEMBER_MS = 1_000;
/** A reading that took long is kept for longer: it may cost a twentieth of the time, not all of it. */
const SHARE = 20;

/**
 * What tenants have spent of the budgets that stop them. Read once a second, because every send asks: in between it counts
 * what this process accepts. By how much it may be passed is told in docs/decisions/0036.
 */
export class BudgetLedger {
  private readonly readings = new LRUCache<string, Reading>({ max: 10_000, ttl: REMEMBER_MS });

  constructor(private readonly charges: Charges) {}

  /** With what is expected for messages that wait: for a send that is asked for, whenever it is to go out. */
  async whenAccepted(db: Kysely<unknown>, tenant: BudgetTenant): Promise<BudgetFacts[]> {
    return factsOf(await this.read(db, tenant), true);
  }

  /** Of what providers have taken: a message that is about to go out is among those that wait. */
  async whenClaimed(db: Kysely<unknown>, tenant: BudgetTenant): Promise<BudgetFacts[]> {
    return factsOf(await this.read(db, tenant), false);
  }

  accepted(tenantId: string, { amount, currency }: Money): void {
    const added = this.readings.get(tenantId)?.added;
    added?.set(currency, (added.get(currency) ?? 0n) + toMicros(amount));
  }

  /** A budget was changed. */
  forget(tenantId: string): void {
    this.readings.delete(tenantId);
  }

  private async read(db: Kysely<unknown>, { tenantId, timeZone }: BudgetTenant): Promise<Reading> {
    const known = this.readings.get(tenantId);
    if (known) return known;
    const began = performance.now();
    const now = new Date();
    const reading: Reading = { budgets: [], added: new Map() };
    for (const row of (await budgetsOf(db, tenantId)).filter(({ hardStop }) => hardStop)) {
      const period = periodOf(row.period, now, timeZone);
      // First: what is taken between the two counts twice for a moment, and not never.
      const expected = await expectedCharges(db, tenantId, period.from);
      const charged = await this.charges.between(db, tenantId, row.currency, period.from, period.to);
      reading.budgets.push({ row, ...period, charged: toMicros(charged), expected: inCurrency(expected, row) });
    }
    this.readings.set(tenantId, reading, { ttl: msToKeep(reading, performance.now() - began) });
    return reading;
  }
}

/** Not into another period, of which it knows nothing. */
function msToKeep({ budgets }: Reading, tookMs: number): number {
  const left = budgets.map(({ to }) => to.getTime() - Date.now());
  // With 0 it would be kept for ever.
  return Math.max(1, Math.min(Math.max(REMEMBER_MS, SHARE * tookMs), ...left));
}

const factsOf = ({ budgets, added }: Reading, withExpected: boolean): BudgetFacts[] =>
  budgets.map(({ row, charged, expected }) => ({
    period: row.period,
    currency: row.currency,
    limit: toMicros(row.limit),
    used: charged + (withExpected ? expected + (added.get(row.currency) ?? 0n) : 0n),
    cost: 0n,
  }));

const inCurrency = (amounts: readonly Money[], { currency }: BudgetRow): bigint =>
  amounts.reduce((total, money) => (money.currency === currency ? total + toMicros(money.amount) : total), 0n);
