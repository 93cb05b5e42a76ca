import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { idFloor } from '../platform/ids.js';
import type { Money } from '../vocabulary.js';
import { NOT_TAKEN } from './message-status.js';

export const BudgetPeriod = { DAY: 'DAY', MONTH: 'MONTH' } as const;
export type BudgetPeriod = (typeof BudgetPeriod)[keyof typeof BudgetPeriod];

/** A row of `budgets`. */
export interface BudgetRow {
  period: BudgetPeriod;
  /** Exact decimal. */
  limit: string;
  /** ISO 4217; what is charged in others is not counted. */
  currency: string;
  /** Share of the limit, 0 to 1: kept for whoever shows budgets; nothing here goes by it. */
  warnAt: number;
  hardStop: boolean;
}

const budgetColumns: RawBuilder<unknown> = sql.raw(
  `b.period, b.limit_amount::text as "limit", b.currency, b.warn_at as "warnAt", b.hard_stop as "hardStop"`,
);

export async function budgetsOf(db: Kysely<unknown>, tenantId: string): Promise<BudgetRow[]> {
  const { rows } = await sql<BudgetRow>`
    select ${budgetColumns} from budgets b where b.tenant_id = ${tenantId} order by b.period`.execute(db);
  return rows;
}

/** Returns what it was before; null for a new one. */
export async function saveBudget(tx: Transaction<unknown>, tenantId: string, budget: BudgetRow): Promise<BudgetRow | null> {
  const { rows } = await sql<BudgetRow>`
    select ${budgetColumns} from budgets b where b.tenant_id = ${tenantId} and b.period = ${budget.period} for update`.execute(tx);
  await sql`
    insert into budgets (tenant_id, period, limit_amount, currency, warn_at, hard_stop)
    values (${tenantId}, ${budget.period}, ${budget.limit}, ${budget.currency}, ${budget.warnAt}, ${budget.hardStop})
    on conflict (tenant_id, period) do update set limit_amount = excluded.limit_amount, currency = excluded.currency,
      warn_at = excluded.warn_at, hard_stop = excluded.hard_stop, updated_at = now()`.execute(tx);
  return rows[0] ?? null;
}

/** What is expected for messages that were accepted since `from` and that no provider is known to have, whenever they are due; by currency. */
export async function expectedCharges(db: Kysely<unknown>, tenantId: string, from: Date): Promise<Money[]> {
  const { rows } = await sql<Money>`
    select m.estimate_currency as currency, sum(m.estimate_amount)::text as amount from messages m
    where m.tenant_id = ${tenantId} and m.status = any(${NOT_TAKEN}::text[]) and m.id >= ${idFloor(from)}::uuid
      and m.estimate_amount is not null
    group by 1`.execute(db);
  return rows;
}
