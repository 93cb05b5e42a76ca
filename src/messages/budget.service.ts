import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { Refusal, type UserError } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { Money } from '../vocabulary.js';
import type { BudgetLedger } from './budget-ledger.js';
import { budgetsOf, saveBudget, type BudgetPeriod, type BudgetRow } from './budget.queries.js';
import { periodOf } from './budget-period.js';
import type { Charges, TenantSource } from './message.ports.js';
import { isExact, toMicros } from './money.js';

export interface Budget {
  period: BudgetPeriod;
  limit: Money;
  /** In this period so far; where the provider has told no price, by the price list. */
  spent: Money;
  warnAt: number;
  hardStop: boolean;
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

export class BudgetService {
  constructor(
    private readonly db: Database,
    private readonly tenants: TenantSource,
    private readonly charges: Charges,
    private readonly ledger: BudgetLedger,
    private readonly audit: AuditLog,
  ) {}

  /** Of each period at most one. */
  async list(tenantId: string, now = new Date()): Promise<Budget[]> {
    const rows = await budgetsOf(this.db.sql, tenantId);
    if (rows.length === 0) return [];
    const { timeZone } = await this.tenants.settings(tenantId);
    return Promise.all(
      rows.map(async ({ limit, currency, ...row }) => {
        const { from, to } = periodOf(row.period, now, timeZone);
        const spent = await this.charges.between(this.db.sql, tenantId, currency, from, to);
        return { ...row, limit: { amount: limit, currency }, spent: { amount: spent, currency } };
      }),
    );
  }

  /** In place of the period's earlier one. Throws Refusal; then nothing was changed. */
  async set(caller: Caller, budget: BudgetRow): Promise<void> {
    const wanted = { ...budget, currency: budget.currency.toUpperCase() };
    const problems = problemsOf(wanted);
    if (problems.length > 0) throw new Refusal(problems);
    await this.db.transaction(async (tx) => {
      const before = await saveBudget(tx, caller.tenantId, wanted);
      const act = { action: 'budget.set', subject: `tenant:${caller.tenantId}`, detail: { before, after: wanted } };
      await this.audit.record(tx, caller, act);
    });
    this.ledger.forget(caller.tenantId);
  }
}

function problemsOf({ limit, currency, warnAt }: BudgetRow): UserError[] {
  const problems: UserError[] = [];
  const problem = (message: string, field: string): void => void problems.push({ code: 'INVALID_INPUT', message, field: [field] });
  if (!isExact(limit) || toMicros(limit) < 0n) problem('An amount of at most 12 digits and 6 decimals, not below 0.', 'limit');
  if (!CURRENCIES.has(currency)) problem('Expected an ISO 4217 currency code, e.g. USD.', 'currency');
  if (!(warnAt >= 0 && warnAt <= 1)) problem('A share from 0 to 1.', 'warnAt');
  return problems;
}
