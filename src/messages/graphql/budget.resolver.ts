import 'reflect-metadata';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { TenantPayload, TenantType } from '../../accounts/graphql/tenant.types.js';
import { ADMINS, READERS } from '../../accounts/rights.js';
import type { TenantService } from '../../accounts/tenant.service.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import type { Budget, BudgetService } from '../budget.service.js';
import { BudgetInput, BudgetType } from './budget.types.js';
import type { CallerContext } from './message.loaders.js';

@Resolver(() => TenantType)
export class BudgetResolver {
  constructor(
    private readonly service: BudgetService,
    private readonly tenants: TenantService,
  ) {}

  @Rights(...READERS)
  @FieldResolver(() => [BudgetType], { description: 'One for a day and one for a month at most. Not for a SENDER' })
  budgets(@Root() { id }: TenantType): Promise<Budget[]> {
    return this.service.list(id);
  }

  @Rights(...ADMINS)
  @Mutation(() => TenantPayload, {
    description: "Sets the tenant's budget of the period, in place of an earlier one. INVALID_INPUT",
  })
  setBudget(@Ctx() { caller }: CallerContext, @Arg('input', () => BudgetInput) input: BudgetInput): Promise<TenantPayload> {
    return orUserErrors(this.service.set(caller, input).then(async () => ({ tenant: await this.tenants.get(caller) })));
  }
}
