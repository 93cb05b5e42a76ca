import 'reflect-metadata';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { DateTime, JSONObject, Locale } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { PolicyRule } from '../../consent/policy-gate.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { ErrorKind } from '../delivery-error.js';
import { EventSource } from '../message-event.js';
import { MessageStatus } from '../message-status.js';
import { SmsEncoding } from '../../templates/segments.js';
import './message.enums.js';

@ObjectType('DeliveryError', { description: 'Why the provider did not take or deliver the message' })
export class DeliveryErrorType {
  @Field(() => ErrorKind, { description: 'What programs may decide by' })
  kind!: ErrorKind;

  @Field(() => Boolean, { description: 'Whether the same message may succeed later' })
  retryable!: boolean;

  @Field(() => String, { nullable: true, description: "The provider's own code, e.g. 30005" })
  code!: string | null;

  @Field(() => String, { description: 'For people, in English' })
  message!: string;
}

@ObjectType('PolicyCheck', { description: 'One rule that was asked, and its answer' })
export class PolicyCheckType {
  @Field(() => PolicyRule)
  rule!: string;

  @Field(() => Boolean)
  passed!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it did not pass, or what let it pass' })
  detail!: string | null;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType('RoutingStep', { description: 'One provider that was considered' })
export class RoutingStepType {
  @Field(() => String)
  provider!: string;

  @Field(() => Channel)
  channel!: string;

  @Field(() => Boolean, { description: 'True for the provider that was asked' })
  chosen!: boolean;

  @Field(() => String, { description: 'For people, in English' })
  reason!: string;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType('DeliveryExplanation', { description: "A message's story in words, from its events" })
export class DeliveryExplanationType {
  @Field(() => String, { description: 'One sentence for an operator' })
  summary!: string;

  @Field(() => [PolicyCheckType], { description: 'Each rule that was asked, when accepted and again when claimed for sending' })
  checks!: PolicyCheckType[];

  @Field(() => [RoutingStepType], { description: 'Each provider that was considered' })
  routing!: RoutingStepType[];

  @Field(() => String, { nullable: true, description: 'What happens next by itself, or what a person may do; null when nothing will' })
  nextAction!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When, where that is known' })
  nextActionAt!: Date | null;
}

@ObjectType('Message', { description: 'One message to one person on one channel' })
export class MessageType {
  @Field(() => ID, { description: 'A UUIDv7: ids of later messages sort later' })
  id!: string;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => MessageCategory)
  category!: MessageCategory;

  @Field(() => String, { nullable: true, description: 'As it was given' })
  topic!: string | null;

  @Field(() => MessageStatus)
  status!: MessageStatus;

  @Field(() => Int, { nullable: true, description: 'Of the template that its text was made from' })
  templateVersion!: number | null;

  @Field(() => Locale, { nullable: true, description: 'As it was given; of a template, that of the translation' })
  language!: string | null;

  @Field(() => SmsEncoding, { nullable: true, description: 'SMS only' })
  encoding!: SmsEncoding | null;

  @Field(() => Int, { nullable: true, description: 'SMS only: counted when accepted, corrected by the provider' })
  segments!: number | null;

  @Field(() => String, { nullable: true, description: 'The provider that was asked last' })
  provider!: string | null;

  @Field(() => String, { nullable: true, description: "The provider's id for it, once it has taken it" })
  providerMessageId!: string | null;

  @Field(() => Int, { description: 'Times a provider was asked; calls that met its rate limit are not counted' })
  attempts!: number;

  @Field(() => Int, { description: 'After so many attempts it is FAILED' })
  maxAttempts!: number;

  @Field(() => String, { nullable: true, description: "The caller's own key: an order, an appointment, a ticket" })
  reference!: string | null;

  @Field(() => DateTime, { description: 'When it was accepted' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'sendAt, where one was given, or the end of the quiet hours that it waited for' })
  scheduledFor!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Not sent after this time' })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was ready to be sent; of the last retryMessage, where there was one' })
  queuedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the provider had taken it' })
  sentAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When its delivery was reported' })
  deliveredAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When its reading was reported' })
  readAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it became FAILED; null again once it is retried or arrives after all' })
  failedAt!: Date | null;
}

@ObjectType('MessageEvent', { description: 'One entry in the audit trail of a message: never changed afterwards' })
export class MessageEventType {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  messageId!: string;

  @Field(() => MessageStatus, { description: 'After the event: the same as before where `applied` is false' })
  status!: MessageStatus;

  @Field(() => MessageStatus, { nullable: true, description: 'Null for the first event' })
  previousStatus!: MessageStatus | null;

  @Field(() => Boolean, { description: 'False for a receipt that told nothing new; such events are kept here, and not published' })
  applied!: boolean;

  @Field(() => EventSource)
  source!: EventSource;

  @Field(() => Int, { nullable: true, description: 'Which attempt it belongs to, from 1' })
  attempt!: number | null;

  @Field(() => String, { nullable: true, description: 'The provider that was asked, or that reported' })
  provider!: string | null;

  @Field(() => JSONObject, { nullable: true, description: 'Who caused it, where a person or key did: key name, IP, user agent' })
  actor!: object | null;
}

export const MessageConnection = connectionOf('Message', () => MessageType, { totalCount: true });

@ObjectType()
export class SendMessagePayload {
  @Field(() => MessageType, { nullable: true, description: 'Null when it was refused' })
  message?: MessageType | null;

  @Field(() => Boolean, { description: 'True where idempotencyKey matched' })
  duplicate!: boolean;

  @Field(() => [UserErrorType], {
    description:
      'Why it was refused; empty when it was accepted. Of the rules of the policy only the first that forbids it: checkSend tells all',
  })
  userErrors!: UserErrorType[];
}

@ObjectType()
export class MessagePayload {
  @Field(() => MessageType, { nullable: true, description: 'As it is now; null when nothing was done' })
  message?: MessageType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was done' })
  userErrors!: UserErrorType[];
}

@ObjectType()
export class RetryFailedPayload {
  @Field(() => Int, { description: 'Went back to QUEUED' })
  retried!: number;

  @Field(() => Int, { description: 'Matched, but over their validity, erased, or replaced by another channel' })
  skipped!: number;

  @Field(() => [UserErrorType], { description: 'Why nothing was done' })
  userErrors!: UserErrorType[];
}
