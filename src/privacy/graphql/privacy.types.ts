import 'reflect-metadata';
import { Field, Int, ObjectType } from 'type-graphql';
import { JSONObject } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';

@ObjectType({ description: 'What is held of a person' })
export class ExportContactPayload {
  @Field(() => JSONObject, {
    nullable: true,
    description:
      'contact, identities, consents, consentHistory, preferences, optInRequests, conversations, suppressions, answerWindows, auditEntries, messages with their events and what providers reported, inboundMessages, rejectedUploads',
  })
  data?: Record<string, unknown> | null;

  @Field(() => [UserErrorType])
  userErrors!: UserErrorType[];
}

@ObjectType({ description: 'Opt-outs outlive the erasure as keyed hashes, so that an erased number is not messaged again' })
export class EraseContactPayload {
  @Field(() => Boolean)
  erased!: boolean;

  @Field(() => Int, {
    description: 'Erased so far. What a provider has not answered yet follows when it has, and a very long history within minutes',
  })
  messages!: number;

  @Field(() => Int, { description: 'Erased so far' })
  inboundMessages!: number;

  @Field(() => [UserErrorType])
  userErrors!: UserErrorType[];
}
