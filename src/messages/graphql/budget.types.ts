import 'reflect-metadata';
import { Field, Float, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Decimal } from '../../graphql/scalars.js';
import { MoneyType } from '../../graphql/vocabulary.js';
import type { Budget } from '../budget.service.js';
import { BudgetPeriod, type BudgetRow } from '../budget.queries.js';

registerEnumType(BudgetPeriod, { name: 'BudgetPeriod', description: "By the tenant's time zone" });

@ObjectType('Budget', { description: 'What a tenant may spend in a day or a month' })
export class BudgetType implements Budget {
  @Field(() => BudgetPeriod)
  period!: BudgetPeriod;

  @Field(() => MoneyType)
  limit!: MoneyType;

  @Field(() => MoneyType, {
    description:
      'Spent so far on messages that were accepted in this period, by the price list where a provider tells no price; in this currency alone',
  })
  spent!: MoneyType;

  @Field(() => Float, {
    description:
      'Share of the limit, 0 to 1: for whoever shows or watches budgets, to compare `spent` with. The service itself does not warn',
  })
  warnAt!: number;

  @Field(() => Boolean, { description: 'Whether nothing more is accepted, and what waits keeps waiting, once the limit is reached' })
  hardStop!: boolean;
}

@InputType()
export class BudgetInput implements BudgetRow {
  @Field(() => BudgetPeriod)
  period!: BudgetPeriod;

  @Field(() => Decimal, { description: 'At most 12 digits and 6 decimals' })
  limit!: string;

  @Field(() => String, { description: 'ISO 4217' })
  currency!: string;

  @Field(() => Float, {
    defaultValue: 0.8,
    description: 'Share of the limit, 0 to 1, kept for whoever shows or watches budgets. The service itself does not warn',
  })
  warnAt!: number;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether to send nothing more once the limit is reached: BUDGET_EXCEEDED' })
  hardStop!: boolean;
}
