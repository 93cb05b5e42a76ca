import 'reflect-metadata';
import { Arg, Args, Ctx, FieldResolver, Float, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { EVERYONE, READERS, SENDERS } from '../../accounts/rights.js';
import { ForwardPageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import { MoneyType } from '../../graphql/vocabulary.js';
import type { Money } from '../../vocabulary.js';
import { progressOf, type BatchRow, type StatusCount } from '../batch.row.js';
import type { BatchService } from '../batch.service.js';
import type { WatchedBatches } from '../watched-batches.js';
import type { MessageRow } from '../message.row.js';
import type { MessageSearch } from '../message.service.js';
import { BatchConnection, BatchPayload, BatchType, SendBulkInput, SendBulkPayload, StatusCountType, toSendBulk } from './batch.types.js';
import { MessageFilter } from './message.inputs.js';
import type { CallerContext, MessageLoaders } from './message.loaders.js';
import { MessageConnection } from './message.types.js';

@Resolver(() => BatchType)
export class BatchResolver {
  constructor(
    private readonly service: BatchService,
    private readonly loaders: MessageLoaders,
    readonly watched: WatchedBatches,
  ) {}

  @Rights(...EVERYONE)
  @Query(() => BatchType, { nullable: true, description: 'Null where there is none with this id' })
  batch(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<BatchRow | null> {
    return this.service.find(caller, id);
  }

  @Rights(...READERS)
  @Query(() => BatchConnection, { description: 'Newest first' })
  async batches(@Ctx() { caller }: CallerContext, @Args(() => ForwardPageArgs) page: ForwardPageArgs): Promise<Connection<BatchRow>> {
    const wanted = pageOf(page);
    return toConnection(await this.service.list(caller, wanted.after, wanted.limit), wanted, ({ id }) => id);
  }

  @Rights(...SENDERS)
  @Mutation(() => SendBulkPayload, {
    description:
      'One message to many people. Those who can be sent to are accepted, the others reported in `rejected` with the codes of sendMessage. Faults that all share refuse the whole: INVALID_INPUT; CHANNEL_UNAVAILABLE; CONFLICT: the idempotencyKey was used for other input',
  })
  sendBulk(@Ctx() { caller }: CallerContext, @Arg('input', () => SendBulkInput) input: SendBulkInput): Promise<SendBulkPayload> {
    return orUserErrors(this.service.send(caller, toSendBulk(input)), { rejected: [] });
  }

  @Rights(...SENDERS)
  @Mutation(() => BatchPayload, {
    description:
      'From the moment it answers, no further message of the batch is taken up; those that a worker has in hand go out within a second. NOT_FOUND; CONFLICT: it is neither RUNNING nor ACCEPTING',
  })
  pauseBatch(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<BatchPayload> {
    return orUserErrors(this.service.pause(caller, id).then((batch) => ({ batch })));
  }

  @Rights(...SENDERS)
  @Mutation(() => BatchPayload, {
    description: 'What the pause held back goes out, from within a second on. NOT_FOUND; CONFLICT: it is not PAUSED',
  })
  resumeBatch(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<BatchPayload> {
    return orUserErrors(this.service.resume(caller, id).then((batch) => ({ batch })));
  }

  @Rights(...SENDERS)
  @Mutation(() => BatchPayload, {
    description:
      'From the moment it answers, no further message is taken up; those that a worker has in hand go out within a second, and what has not gone out becomes CANCELLED in the seconds after, of a large batch without an actor in its events: the audit log has batch.cancelled. NOT_FOUND; NOT_CANCELLABLE: it is over',
  })
  cancelBatch(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<BatchPayload> {
    return orUserErrors(this.service.cancel(caller, id).then((batch) => ({ batch })));
  }

  @Rights(...READERS)
  @Subscription(() => BatchType, {
    description:
      'The batch at once, and then whenever it has moved, at most once a second; a price that comes after the last status, within ten seconds. NOT_FOUND',
    subscribe: ({ args, context }) => {
      const own = context as CallerContext;
      return own.resolver(BatchResolver).watched.open(own.caller, (args as { id: string }).id);
    },
  })
  batchProgress(@Root() batch: BatchRow, @Arg('id', () => ID) _id: string): BatchRow {
    return batch;
  }

  @FieldResolver(() => [StatusCountType], {
    description: 'Messages of this batch by their present status, those that took over on another channel too',
  })
  counts(@Root() { id }: BatchRow, @Ctx() context: CallerContext): Promise<StatusCount[]> {
    return loaderOf(context, this.loaders.counts).load(id);
  }

  @FieldResolver(() => Float, { description: '0..1: the messages that are DELIVERED, READ, FAILED, CANCELLED, SUPPRESSED or EXPIRED' })
  async progress(@Root() { id }: BatchRow, @Ctx() context: CallerContext): Promise<number> {
    return progressOf(await loaderOf(context, this.loaders.counts).load(id));
  }

  @FieldResolver(() => MoneyType, {
    nullable: true,
    description:
      "What its messages cost: the provider's figure where it has told one, else the price list's for those that were not rejected, failed or withdrawn. Messages whose price nobody knows are not in it. Null while none is known, and when prices are in several currencies",
  })
  async cost(@Root() { id }: BatchRow, @Ctx() context: CallerContext): Promise<Money | null> {
    return loaderOf(context, this.loaders.costs).load(id);
  }

  @Rights(...READERS)
  @FieldResolver(() => MessageConnection, {
    description:
      'Newest first. Narrowed by nothing but status, totalCount is what the batch itself has counted, with messages that have been deleted since. Not for a SENDER',
  })
  async messages(
    @Root() { id }: BatchRow,
    @Ctx() context: CallerContext,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Arg('filter', () => MessageFilter, { nullable: true, description: 'Its batchId is not used' }) filter?: MessageSearch | null,
  ): Promise<Connection<MessageRow>> {
    const wanted = pageOf(page);
    const lists = loaderOf(context, this.loaders.ofBatches);
    return toConnection(
      await lists.page(filter ?? {}, wanted).load(id),
      wanted,
      (row) => row.id,
      () => lists.count(filter ?? {}).load(id),
    );
  }
}
