import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { DateTime, JSONObject } from '../../graphql/scalars.js';

@ObjectType('AuditEntry', { description: 'An administrative act. Entries are never changed or deleted.' })
export class AuditEntryType {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTime, { description: 'When it was done' })
  at!: Date;

  @Field(() => String, { description: 'Name of the key, or of the part of the program' })
  actor!: string;

  @Field(() => String, { description: 'What was done, e.g. apiKey.created, tenant.updated' })
  action!: string;

  @Field(() => String, { description: 'To what, e.g. apiKey:0199a1b2-…' })
  subject!: string;

  @Field(() => JSONObject, { description: 'What changed; settings with their value before and after' })
  detail!: Record<string, unknown>;

  @Field(() => String, { nullable: true, description: 'Address the request came from; null for what the program or the command line did' })
  ip?: string | null;

  @Field(() => String, { nullable: true, description: 'What the caller said it was; null where it said nothing' })
  userAgent?: string | null;
}

export const AuditConnection = connectionOf('Audit', () => AuditEntryType);
