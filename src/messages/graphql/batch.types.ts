import 'reflect-metadata';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { UserErrorCode } from '../../errors.js';
import { connectionOf } from '../../graphql/connection.js';
import { DateTime, Decimal, JSONObject, Locale } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { BatchStatus } from '../batch.row.js';
import type { SendBulk } from '../batch.service.js';
import { MessageStatus } from '../message-status.js';

registerEnumType(BatchStatus, {
  name: 'BatchStatus',
  description: 'ACCEPTING and RUNNING ones can be paused; all but COMPLETED and CANCELLED can be cancelled',
  valuesConfig: {
    ACCEPTING: { description: 'Recipients are still being read; those who were accepted may be sent to already' },
    RUNNING: { description: 'Its messages go out' },
    PAUSED: { description: 'Nothing more goes out until it is resumed' },
    COMPLETED: {
      description: 'Nothing is left to send; delivery reports may still come, and what is to be sent again makes it RUNNING again',
    },
    CANCELLED: { description: 'What had not gone out was withdrawn' },
  },
});

@ObjectType('StatusCount', { description: 'How many messages have this status now' })
export class StatusCountType {
  @Field(() => MessageStatus)
  status!: MessageStatus;

  @Field(() => Int)
  count!: number;
}

@ObjectType('Batch', { description: 'Messages that were accepted together' })
export class BatchType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'For people' })
  name!: string;

  @Field(() => BatchStatus)
  status!: BatchStatus;

  @Field(() => Int, { description: 'Recipients that were given, the rejected ones too; so far, while ACCEPTING' })
  total!: number;

  @Field(() => Int, { description: 'Recipients that were refused, and get nothing' })
  rejected!: number;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When nothing was left to send or to withdraw; null again while something has come back',
  })
  completedAt!: Date | null;
}

export const BatchConnection = connectionOf('Batch', () => BatchType);

@ObjectType('RejectedRecipient', { description: 'A recipient that gets nothing, and why' })
export class RejectedRecipientType {
  @Field(() => Int, { description: 'Position in `recipients`, from 0' })
  index!: number;

  @Field(() => String, { description: "As it was given: the number, or the contact's id or externalId" })
  to!: string;

  @Field(() => UserErrorCode)
  code!: UserErrorCode;

  @Field(() => String, { description: 'For people, in English' })
  message!: string;
}

@ObjectType()
export class SendBulkPayload {
  @Field(() => BatchType, { nullable: true, description: 'Null when all of it was refused' })
  batch?: BatchType | null;

  @Field(() => [RejectedRecipientType], { description: 'Recipients that will get nothing; the others are accepted all the same' })
  rejected!: RejectedRecipientType[];

  @Field(() => [UserErrorType], { description: 'Faults that all recipients share: nothing was stored' })
  userErrors!: UserErrorType[];
}

@ObjectType()
export class BatchPayload {
  @Field(() => BatchType, { nullable: true, description: 'As it is now; null when nothing was done' })
  batch?: BatchType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was done' })
  userErrors!: UserErrorType[];
}

@InputType()
export class BulkRecipientInput {
  @Field(() => String, { nullable: true, description: 'The phone number, as in sendMessage' })
  to?: string | null;

  @Field(() => ID, { nullable: true, description: 'Instead of `to`: a known contact' })
  contactId?: string | null;

  @Field(() => String, { nullable: true, description: "Instead of `to`: a known contact, by the caller's own id" })
  externalId?: string | null;

  @Field(() => JSONObject, { nullable: true, description: 'For the template, as in sendMessage' })
  variables?: Record<string, unknown> | null;

  @Field(() => Locale, { nullable: true, description: "Instead of the batch's" })
  language?: string | null;

  @Field(() => String, { nullable: true, description: "The caller's own key, to find this message by" })
  reference?: string | null;
}

@InputType()
export class SendBulkInput {
  @Field(() => String, { description: '1 to 200 characters, for people' })
  name!: string;

  @Field(() => [BulkRecipientInput], {
    description: '1 to 10,000; more as a file to POST /batches. A number that stands here twice gets the message twice',
  })
  recipients!: BulkRecipientInput[];

  @Field(() => [Channel], {
    defaultValue: [Channel.SMS],
    description: 'Tried in order: the first is sent, the next take over when it fails for good',
  })
  channels!: Channel[];

  @Field(() => String, {
    nullable: true,
    description: 'The same for all: at most 1,600 characters for SMS, 4,096 for WhatsApp, of which Twilio takes 1,600',
  })
  body?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The code of a template, as in sendMessage; filled in for each recipient. Those whose variables do not suffice are rejected with TEMPLATE_VARIABLE_MISSING, and the others go on',
  })
  template?: string | null;

  @Field(() => Locale, { nullable: true, description: 'Kept with each message; of a template, which translation' })
  language?: string | null;

  @Field(() => MessageCategory, { defaultValue: MessageCategory.UTILITY, description: 'AUTHENTICATION goes before all others' })
  category!: MessageCategory;

  @Field(() => String, { nullable: true, description: 'As in sendMessage' })
  topic?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Not before this time; at most a year ahead' })
  sendAt?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The same key and input returns the first call's batch and sends nothing; the same key with other input is CONFLICT. 1 to 255 characters; remembered for 30 days",
  })
  idempotencyKey?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'What the batch may cost by the price list, in its currency: recipients with whom it would cost more, or whose price is not known, are rejected with BUDGET_EXCEEDED. Retries and further channels are not counted',
  })
  maxCost?: string | null;
}

export const toSendBulk = (input: SendBulkInput): SendBulk => ({
  name: input.name,
  recipients: input.recipients.map(({ to, contactId, externalId, variables, language, reference }) => ({
    to: to ?? null,
    contactId: contactId ?? null,
    externalId: externalId ?? null,
    variables: variables ?? null,
    language: language ?? null,
    reference: reference ?? null,
  })),
  channels: input.channels,
  body: input.body ?? null,
  template: input.template ?? null,
  language: input.language ?? null,
  category: input.category,
  topic: input.topic ?? null,
  sendAt: input.sendAt ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
  maxCost: input.maxCost ?? null,
});
