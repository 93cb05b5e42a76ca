import 'reflect-metadata';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATORS, READERS } from '../../accounts/rights.js';
import { ForwardPageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import type { ConversationRow } from '../conversation.row.js';
import type { InboundReader } from '../inbound-reader.js';
import type { InboundReviewService } from '../inbound-review.service.js';
import type { InboundRow } from '../inbound.row.js';
import { ConversationType, InboundMessageConnection, InboundMessagePayload, InboundMessageType } from './conversation.types.js';
import type { CallerContext, InboxLoaders } from './inbox.loaders.js';

@Resolver(() => InboundMessageType)
export class InboundResolver {
  constructor(
    private readonly service: InboundReviewService,
    private readonly reader: InboundReader,
    private readonly loaders: InboxLoaders,
  ) {}

  @Rights(...READERS)
  @Query(() => InboundMessageConnection, {
    description:
      'Messages from people, the one that was applied last first: one that had to wait comes before those that were received after it',
  })
  async inboundMessages(
    @Ctx() { caller }: CallerContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('reviewNeeded', () => Boolean, {
      nullable: true,
      description: 'True: only those that may be an opt-out and that nobody has read; false: only the others',
    })
    reviewNeeded?: boolean | null,
  ): Promise<Connection<InboundRow>> {
    const page = pageOf(args);
    return toConnection(await this.service.list(caller, reviewNeeded ?? null, page), page, ({ id }) => id);
  }

  @Rights(...OPERATORS)
  @Mutation(() => InboundMessagePayload, {
    description:
      'Somebody has read a message that may be an opt-out. An opt-out works as if the person had written STOP then: a START that came after it stays in force. NOT_FOUND; CONFLICT: it needs no review, or had one',
  })
  resolveInboundReview(
    @Ctx() { caller }: CallerContext,
    @Arg('id', () => ID) id: string,
    @Arg('optOut', () => Boolean) optOut: boolean,
  ): Promise<InboundMessagePayload> {
    return orUserErrors(this.service.resolve(caller, id, optOut));
  }

  @FieldResolver(() => String, {
    description:
      "E.164 number or WhatsApp user id; masked (+9665•••••567) unless the caller's role may see personal data; empty once erased",
  })
  from(@Root() row: InboundRow, @Ctx() { caller }: CallerContext): string {
    return this.reader.from(row, caller);
  }

  @FieldResolver(() => String, { description: 'The number that was written to; empty once erased' })
  to(@Root() row: InboundRow): string {
    return this.reader.to(row);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Null without words, and once erased; masked (•••) unless the role may see personal data',
  })
  body(@Root() row: InboundRow, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.body(row, caller);
  }

  @FieldResolver(() => [String], { description: 'Where the provider keeps them; each masked (•••) unless the role may see personal data' })
  mediaUrls(@Root() row: InboundRow, @Ctx() { caller }: CallerContext): string[] {
    return this.reader.mediaUrls(row, caller);
  }

  @FieldResolver(() => Boolean, { description: 'It may be an opt-out, and nobody has read it' })
  reviewNeeded(@Root() { review }: InboundRow): boolean {
    return review === 'NEEDED';
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What an operator should know beyond the words; null where there is nothing',
  })
  explanation(@Root() row: InboundRow): string | null {
    return this.reader.explanation(row);
  }

  @FieldResolver(() => ConversationType)
  async conversation(@Root() { id, conversationId }: InboundRow, @Ctx() context: CallerContext): Promise<ConversationRow | null> {
    const conversations = loaderOf(context, this.loaders.conversations);
    const conversation = await conversations.load(conversationId);
    if (conversation) return conversation;
    // Merged away since the message was read, which is in the other one by now.
    const [moved] = await this.service.findMany(context.caller, [id]);
    return moved ? conversations.load(moved.conversationId) : null;
  }
}
