import { Arg, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import type { ApiKeyService } from '../api-key.service.js';
import type { Caller } from '../caller.js';
import { ADMINS, EVERYONE } from '../rights.js';
import type { TenantService } from '../tenant.service.js';
import { ApiKeyPayload, ApiKeyType, CreateApiKeyInput, CreateApiKeyPayload } from './api-key.types.js';
import { Role } from './role.js';
import { TenantSettingsInput } from './tenant.inputs.js';
import { TenantPayload, TenantType } from './tenant.types.js';

@ObjectType('Viewer', { description: 'Who you are: the key you came with' })
export class ViewerType {
  @Field(() => String, { description: "The key's name" })
  name!: string;

  @Field(() => Role, { description: 'What it may do' })
  role!: Role;
}

@Resolver(() => ViewerType)
export class AccountResolver {
  constructor(
    private readonly tenants: TenantService,
    private readonly keys: ApiKeyService,
  ) {}

  @Rights(...EVERYONE)
  @Query(() => ViewerType, { description: 'Who you are: the key you came with, and its tenant' })
  viewer(@Ctx() { caller }: Context<Caller>): ViewerType {
    return caller;
  }

  @FieldResolver(() => TenantType, { description: 'Whose key it is' })
  tenant(@Ctx() { caller }: Context<Caller>): Promise<TenantType> {
    return this.tenants.get(caller);
  }

  @Rights(...ADMINS)
  @Query(() => [ApiKeyType], { description: 'Oldest first, the revoked ones too' })
  apiKeys(@Ctx() { caller }: Context<Caller>): Promise<ApiKeyType[]> {
    return this.keys.list(caller);
  }

  @Rights(...ADMINS)
  @Mutation(() => CreateApiKeyPayload, { description: 'INVALID_INPUT: a name that is empty or too long, a time that has passed' })
  createApiKey(
    @Ctx() { caller }: Context<Caller>,
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    return orUserErrors(this.keys.create(caller, input));
  }

  @Rights(...ADMINS)
  @Mutation(() => ApiKeyPayload, {
    description:
      'From now on requests with the key are refused, and its sockets are closed within seconds (4403). Revoking twice changes nothing. NOT_FOUND; CONFLICT: the last ADMIN key',
  })
  revokeApiKey(@Ctx() { caller }: Context<Caller>, @Arg('id', () => ID) id: string): Promise<ApiKeyPayload> {
    return orUserErrors(this.keys.revoke(caller, id));
  }

  @Rights(...ADMINS)
  @Mutation(() => TenantPayload, {
    description: 'Changes what is given and leaves the rest. INVALID_INPUT names every field that is wrong; then nothing is changed',
  })
  updateTenant(
    @Ctx() { caller }: Context<Caller>,
    @Arg('input', () => TenantSettingsInput) input: TenantSettingsInput,
  ): Promise<TenantPayload> {
    return orUserErrors(this.tenants.update(caller, input));
  }
}
