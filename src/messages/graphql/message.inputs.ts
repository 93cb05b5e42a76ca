import 'reflect-metadata';
import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTime, JSONObject, Locale } from '../../graphql/scalars.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { ErrorKind } from '../delivery-error.js';
import type { MessageSearch } from '../message.service.js';
import { MessageStatus } from '../message-status.js';
import type { SendMessage } from '../send-message.service.js';

@InputType()
export class SendMessageInput {
  @Field(() => String, {
    nullable: true,
    description:
      "The phone number, as people write it; without a country code it is one of the tenant's defaultCountry. On WhatsApp a user id too",
  })
  to?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Instead of `to`: a known contact, who gets it at the address that was named last. NOT_FOUND',
  })
  contactId?: string | null;

  @Field(() => String, { nullable: true, description: "Instead of `to`: a known contact, by the caller's own id. NOT_FOUND" })
  externalId?: string | null;

  @Field(() => [Channel], {
    defaultValue: [Channel.SMS],
    description:
      'Tried in order: the first is sent, the next take over when it fails for good or misses fallbackAfterSeconds. A channel that the person has opted out of, has not agreed to, does not want the topic by, or cannot be written to freely is passed over',
  })
  channels!: Channel[];

  @Field(() => Int, {
    nullable: true,
    description:
      'How long a SENT message may stay undelivered before the next channel takes over: 1 second to 7 days. Left out: only when it fails. What takes over and waits is SUPPRESSED if the first arrives after all',
  })
  fallbackAfterSeconds?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'At most 1,600 characters for SMS, 4,096 for WhatsApp, of which Twilio takes 1,600; may be left out beside mediaUrls',
  })
  body?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The code of a published template, instead of a body. Its category applies whatever `category` says; its topic where none is given; its channels where `channels` is SMS alone, as when left out, and it has no SMS. TEMPLATE_NOT_FOUND: none, not published or disabled',
  })
  template?: string | null;

  @Field(() => JSONObject, {
    nullable: true,
    description:
      "For the template: at most 16,000 characters as JSON. TEMPLATE_VARIABLE_MISSING names what it needs besides. `sender` is the tenant's name where it is not given",
  })
  variables?: Record<string, unknown> | null;

  @Field(() => Locale, {
    nullable: true,
    description: "Kept with the message; of a template, which translation: left out, the contact's, and then the tenant's defaultLanguage",
  })
  language?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'At most 10 http or https addresses of at most 2,048 characters, which the provider fetches',
  })
  mediaUrls?: string[] | null;

  @Field(() => MessageCategory, { defaultValue: MessageCategory.UTILITY, description: 'AUTHENTICATION goes before all others' })
  category!: MessageCategory;

  @Field(() => String, {
    nullable: true,
    description: 'A label to filter by: at most 100 letters, digits, dots, colons, hyphens or underscores',
  })
  topic?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Not before this time; at most a year ahead' })
  sendAt?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Not after this time: what has not been sent by then is EXPIRED' })
  expiresAt?: Date | null;

  @Field(() => String, {
    nullable: true,
    description: "The caller's own key, to find the message by: 1 to 255 characters; several messages may share one",
  })
  reference?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The same key and input returns the first call's message and sends nothing; the same key with other input is CONFLICT. 1 to 255 characters; remembered for 30 days",
  })
  idempotencyKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The provider to ask, e.g. twilio, instead of the one that routing would choose; not for the further channels',
  })
  provider?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: "Wait (at most 5 s) for the provider's answer before returning" })
  immediate!: boolean;
}

export const toSendMessage = (input: SendMessageInput): SendMessage => ({
  to: input.to ?? null,
  contactId: input.contactId ?? null,
  externalId: input.externalId ?? null,
  channels: input.channels,
  fallbackAfterSeconds: input.fallbackAfterSeconds ?? null,
  body: input.body ?? null,
  template: input.template ?? null,
  variables: input.variables ?? null,
  language: input.language ?? null,
  mediaUrls: input.mediaUrls ?? [],
  category: input.category,
  topic: input.topic ?? null,
  sendAt: input.sendAt ?? null,
  expiresAt: input.expiresAt ?? null,
  reference: input.reference ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
  provider: input.provider ?? null,
  immediate: input.immediate,
});

@InputType({ description: 'All that is given must match; a list matches any of its values' })
export class MessageFilter implements MessageSearch {
  @Field(() => [MessageStatus], { nullable: true, description: 'As it is now' })
  status?: MessageStatus[] | null;

  @Field(() => [Channel], { nullable: true })
  channel?: Channel[] | null;

  @Field(() => [MessageCategory], { nullable: true })
  category?: MessageCategory[] | null;

  @Field(() => [String], { nullable: true, description: 'The provider that was asked last' })
  provider?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The whole topic' })
  topic?: string | null;

  @Field(() => String, { nullable: true, description: 'The whole number, written as in a send' })
  to?: string | null;

  @Field(() => ID, { nullable: true, description: 'To any address that the contact is known by' })
  contactId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Accepted with this batch' })
  batchId?: string | null;

  @Field(() => String, { nullable: true, description: 'The whole reference' })
  reference?: string | null;

  @Field(() => String, { nullable: true, description: 'Sent with this template' })
  templateCode?: string | null;

  @Field(() => [ErrorKind], { nullable: true, description: 'Of the last attempt, where it failed' })
  errorKind?: ErrorKind[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Accepted after this time' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Accepted before this time' })
  createdBefore?: Date | null;
}
