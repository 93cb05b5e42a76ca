import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { Role } from './role.js';

@ObjectType('ApiKey', { description: 'What a program or a person comes with; belongs to one tenant. Its secret is not kept' })
export class ApiKeyType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'Whose it is; stands in the audit log' })
  name!: string;

  @Field(() => Role, { description: 'Never changes: make another key instead' })
  role!: Role;

  @Field(() => String, { description: "The secret's beginning, to tell keys apart" })
  prefix!: string;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'To the minute, also of an open socket; null: never' })
  lastUsedAt?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'From then on it is refused; null: it does not expire' })
  expiresAt?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since then it is refused; null: it was not revoked' })
  revokedAt?: Date | null;
}

@InputType()
export class CreateApiKeyInput {
  @Field(() => String, { description: '1 to 100 characters; stands in the audit log beside what is done with the key' })
  name!: string;

  @Field(() => Role, { description: 'The least that does' })
  role!: Role;

  @Field(() => DateTime, { nullable: true, description: 'In the future; left out: the key works until it is revoked' })
  expiresAt?: Date | null;
}

@ObjectType()
export class CreateApiKeyPayload {
  @Field(() => ApiKeyType, { nullable: true, description: 'null when something was refused' })
  apiKey?: ApiKeyType | null;

  @Field(() => String, {
    nullable: true,
    description: 'To send as `Authorization: Bearer …`. Shown this once; null when something was refused',
  })
  secret?: string | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was done; empty when it was' })
  userErrors!: UserErrorType[];
}

@ObjectType()
export class ApiKeyPayload {
  @Field(() => ApiKeyType, { nullable: true, description: 'null when something was refused' })
  apiKey?: ApiKeyType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was done; empty when it was' })
  userErrors!: UserErrorType[];
}
