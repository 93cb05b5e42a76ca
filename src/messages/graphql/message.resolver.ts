import 'reflect-metadata';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { EVERYONE, OPERATORS, READERS, SENDERS } from '../../accounts/rights.js';
import { PageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { MoneyType } from '../../graphql/vocabulary.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import { explain, nextAttemptAt, type Explanation } from '../explanation.js';
import { costOf } from '../message-cost.js';
import { errorOf, type EventRow } from '../message-event.js';
import type { StatusRefresher } from '../message.ports.js';
import type { MessageReader } from '../message-reader.js';
import type { MessageRow } from '../message.row.js';
import { RETRYABLE } from '../message-status.js';
import type { MessageService } from '../message.service.js';
import type { SendMessageService } from '../send-message.service.js';
import { TemplateType } from '../../templates/graphql/template.types.js';
import { BatchType } from './batch.types.js';
import { MessageFilter, SendMessageInput, toSendMessage } from './message.inputs.js';
import type { CallerContext, MessageLoaders } from './message.loaders.js';
import {
  DeliveryErrorType,
  DeliveryExplanationType,
  MessageConnection,
  MessageEventType,
  MessagePayload,
  MessageType,
  RetryFailedPayload,
  SendMessagePayload,
} from './message.types.js';

@Resolver(() => MessageType)
export class MessageResolver {
  constructor(
    private readonly sending: SendMessageService,
    private readonly service: MessageService,
    private readonly reader: MessageReader,
    private readonly loaders: MessageLoaders,
    private readonly refreshing: StatusRefresher,
  ) {}

  @Rights(...EVERYONE)
  @Query(() => MessageType, { nullable: true, description: 'Null where there is none with this id' })
  message(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<MessageRow | null> {
    return this.service.find(caller, id);
  }

  @Rights(...READERS)
  @Query(() => MessageConnection, { description: 'Newest first. Give `first` and `after`, or `last` and `before`' })
  async messages(
    @Ctx() { caller }: CallerContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => MessageFilter, { nullable: true, description: 'Only those that match' }) filter?: MessageFilter | null,
  ): Promise<Connection<MessageRow>> {
    const wanted = pageOf(page);
    return toConnection(
      await this.service.list(caller, filter ?? {}, wanted),
      wanted,
      ({ id }) => id,
      () => this.service.count(caller, filter ?? {}),
    );
  }

  @Rights(...SENDERS)
  @Mutation(() => SendMessagePayload, {
    description:
      'Accepts a message: from then on it is durable, and messageStatusChanged reports its delivery. With userErrors, nothing was stored. INVALID_PHONE_NUMBER; INVALID_INPUT; NOT_FOUND: no such contact; what docs/policy.md has: COUNTRY_NOT_ALLOWED, OPTED_OUT, CONSENT_REQUIRED, PREFERENCE_DISABLED, RATE_LIMITED, SESSION_WINDOW_CLOSED, BUDGET_EXCEEDED, QUIET_HOURS; CHANNEL_UNAVAILABLE: no provider for the channel, or messaging is switched off; CONFLICT: the idempotencyKey was used for other input',
  })
  sendMessage(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => SendMessageInput) input: SendMessageInput,
  ): Promise<SendMessagePayload> {
    return orUserErrors(this.sending.send(caller, toSendMessage(input)), { duplicate: false });
  }

  @Rights(...SENDERS)
  @Mutation(() => MessagePayload, {
    description: 'Withdraws a SCHEDULED or QUEUED message, for good. NOT_FOUND; NOT_CANCELLABLE: it is in another status',
  })
  cancelMessage(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<MessagePayload> {
    return orUserErrors(this.service.cancel(caller, id).then((message) => ({ message })));
  }

  @Rights(...SENDERS)
  @Mutation(() => MessagePayload, {
    description:
      'A FAILED or EXPIRED message goes back to QUEUED, with a full set of attempts. NOT_FOUND; NOT_RETRYABLE: another status, its expiresAt has passed, its batch was cancelled, or another channel took over',
  })
  retryMessage(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<MessagePayload> {
    return orUserErrors(this.service.retry(caller, id).then((message) => ({ message })));
  }

  @Rights(...OPERATORS)
  @Mutation(() => RetryFailedPayload, {
    description:
      'Every FAILED or EXPIRED message that matches goes back to QUEUED, with a full set of attempts, and batches of them that were over run again. NOT_RETRYABLE: the filter asks for other statuses only',
  })
  retryFailedMessages(
    @Ctx() { caller }: CallerContext,
    @Arg('filter', () => MessageFilter, { description: 'Empty: all of them' }) filter: MessageFilter,
  ): Promise<RetryFailedPayload> {
    return orUserErrors(this.service.retryFailed(caller, filter), { retried: 0, skipped: 0 });
  }

  @Rights(...OPERATORS)
  @Mutation(() => MessagePayload, {
    description:
      'Asks the provider now what became of a message that it was asked to send. Within UNCONFIRMED_GRACE_SECONDS of a call that was not answered, only that it has the message is believed. NOT_FOUND; CONFLICT: no provider has been asked',
  })
  refreshMessageStatus(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<MessagePayload> {
    return orUserErrors(this.refreshing.refresh(caller, id).then((message) => ({ message })));
  }

  @FieldResolver(() => String, {
    description:
      "E.164 number or WhatsApp user id; masked (+9665•••••567) unless the caller's role may see personal data; empty once erased",
  })
  to(@Root() row: MessageRow, @Ctx() { caller }: CallerContext): string {
    return this.reader.to(row, caller);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The sender, where the message names one; null when the provider chooses. Masked like `to`',
  })
  from(@Root() row: MessageRow, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.from(row, caller);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Null once erased; masked (•••) unless the role may see personal data' })
  body(@Root() row: MessageRow, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.body(row, caller);
  }

  @FieldResolver(() => [String], { description: 'Each masked (•••) unless the role may see personal data' })
  mediaUrls(@Root() row: MessageRow, @Ctx() { caller }: CallerContext): string[] {
    return this.reader.mediaUrls(row, caller);
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When it is sent, or tried again; null unless it waits for a time' })
  nextAttemptAt(@Root() row: MessageRow): Date | null {
    return nextAttemptAt(row, new Date());
  }

  @FieldResolver(() => DeliveryErrorType, { nullable: true, description: 'Of the last attempt, where it failed' })
  error(@Root() row: MessageRow): DeliveryErrorType | null {
    return errorOf(row);
  }

  @FieldResolver(() => MoneyType, {
    nullable: true,
    description:
      'What its provider charges for it, each attempt that is charged, as soon as the provider says so: Twilio is asked an hour and a day after it went out',
  })
  cost(@Root() row: MessageRow): MoneyType | null {
    return costOf(row);
  }

  @FieldResolver(() => TemplateType, { nullable: true, description: 'What its text was made from' })
  template(@Root() { templateCode }: MessageRow, @Ctx() context: CallerContext): Promise<TemplateType | null> | null {
    return templateCode === null ? null : loaderOf(context, this.loaders.templates).load(templateCode);
  }

  @FieldResolver(() => BatchType, { nullable: true, description: 'The batch that it was accepted with' })
  batch(@Root() { batchId }: MessageRow, @Ctx() context: CallerContext): Promise<BatchType | null> | null {
    return batchId ? loaderOf(context, this.loaders.batches).load(batchId) : null;
  }

  @FieldResolver(() => MessageType, { nullable: true, description: 'The message that this one stands in for on another channel' })
  fallbackOf(@Root() { fallbackOf }: MessageRow, @Ctx() context: CallerContext): Promise<MessageRow | null> | null {
    return fallbackOf ? loaderOf(context, this.loaders.messages).load(fallbackOf) : null;
  }

  @FieldResolver(() => MessageType, { nullable: true, description: 'The message that stands in for this one' })
  fallback(@Root() { fallbackId }: MessageRow, @Ctx() context: CallerContext): Promise<MessageRow | null> | null {
    return fallbackId ? loaderOf(context, this.loaders.messages).load(fallbackId) : null;
  }

  @FieldResolver(() => [MessageEventType], { description: 'The whole audit trail of this message, oldest first' })
  events(@Root() { id }: MessageRow, @Ctx() context: CallerContext): Promise<EventRow[]> {
    return loaderOf(context, this.loaders.events).load(id);
  }

  @FieldResolver(() => DeliveryExplanationType, { description: 'Why it was or was not sent, by whom, and what happens next: for people' })
  async explanation(@Root() row: MessageRow, @Ctx() context: CallerContext): Promise<Explanation> {
    const batch = row.batchId && RETRYABLE.includes(row.status) ? loaderOf(context, this.loaders.batches).load(row.batchId) : null;
    return explain(row, await loaderOf(context, this.loaders.events).load(row.id), await batch);
  }
}
