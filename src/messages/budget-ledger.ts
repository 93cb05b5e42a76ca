import { LRUCache } from 'lru-cache';
import type { Kysely } from 'kysely';
import type { BudgetFacts } from '../consent/policy-facts.js';
import type { Money } from '../vocabulary.js';
import { budgetsOf, expectedCharges } from './budget.queries.js';
import { BudgetAccount, BudgetReservation, type BudgetReading } from './budget-account.js';
import { periodOf } from './budget-period.js';
import type { Charges } from './message.ports.js';
import { toMicros } from './money.js';

interface BudgetTenant {
  tenantId: string;
  timeZone: string;
}

const REMEMBER_MS = 1_000;
/** A reading that took long is kept for longer: it may cost a twentieth of the time, not all of it. */
const SHARE = 20;

/**
 * What tenants have spent of the budgets that stop them. Read once a second, because every send asks: in between it counts
 * what this process accepts. By how much it may be passed is told in docs/decisions/0036.
 */
export class BudgetLedger {
  /** So many that none is put out in the seconds in which its sends are under way. */
  private readonly accounts = new LRUCache<string, BudgetAccount>({ max: 10_000 });
  private readonly reads = new Map<string, Promise<void>>();

  constructor(private readonly charges: Charges) {}

  /**
   * With what is expected for messages that wait: for sends that are asked for, whenever they are to go out. `reserves`:
   * what they take counts for others. Then it must be released.
   */
  async whenAccepted(db: Kysely<unknown>, tenant: BudgetTenant, reserves: boolean): Promise<BudgetReservation> {
    const account = this.accountOf(tenant);
    // More than once where the budgets were changed while they were read.
    while (!account.isRead) await this.readTogether(db, tenant, account);
    return new BudgetReservation(reserves ? account : account.copy());
  }

  /** Of what providers have taken: a message that is about to go out is among those that wait. */
  async whenClaimed(db: Kysely<unknown>, tenant: BudgetTenant): Promise<BudgetFacts[]> {
    const account = this.accountOf(tenant);
    // Not together with others: who holds a connection must not wait for somebody who waits for one.
    if (!account.isRead) await this.read(db, tenant, account);
    return account.whenClaimed();
  }

  /** A budget was changed. */
  forget(tenantId: string): void {
    this.accounts.get(tenantId)?.changed();
  }

  private accountOf({ tenantId }: BudgetTenant): BudgetAccount {
    const known = this.accounts.get(tenantId);
    if (known) return known;
    const account = new BudgetAccount();
    this.accounts.set(tenantId, account);
    return account;
  }

  private readTogether(db: Kysely<unknown>, tenant: BudgetTenant, account: BudgetAccount): Promise<void> {
    const { tenantId } = tenant;
    const read = this.reads.get(tenantId) ?? this.read(db, tenant, account).finally(() => this.reads.delete(tenantId));
    this.reads.set(tenantId, read);
    return read;
  }

  private async read(db: Kysely<unknown>, { tenantId, timeZone }: BudgetTenant, account: BudgetAccount): Promise<void> {
    const began = performance.now();
    const now = new Date();
    const ends: Date[] = [];
    const budgets: BudgetReading['budgets'][number][] = [];
    for (const { period, currency, limit } of (await budgetsOf(db, tenantId)).filter(({ hardStop }) => hardStop)) {
      const { from, to } = periodOf(period, now, timeZone);
      // First: what is taken between the two counts twice for a moment, and not never.
      const expected = inCurrency(await expectedCharges(db, tenantId, from), currency);
      const charged = toMicros(await this.charges.between(db, tenantId, currency, from, to));
      budgets.push({ period, currency, limit: toMicros(limit), charged, expected });
      ends.push(to);
    }
    account.take({ began, keptUntil: performance.now() + msToKeep(ends, performance.now() - began), budgets });
  }
}

/** Not into another period, of which it knows nothing. */
function msToKeep(ends: readonly Date[], tookMs: number): number {
  const left = ends.map((to) => to.getTime() - Date.now());
  // With 0 whoever waited for it would read again.
  return Math.max(1, Math.min(Math.max(REMEMBER_MS, SHARE * tookMs), ...left));
}

const inCurrency = (amounts: readonly Money[], currency: string): bigint =>
  amounts.reduce((total, money) => (money.currency === currency ? total + toMicros(money.amount) : total), 0n);
