import 'reflect-metadata';
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { READERS } from '../../accounts/rights.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { NothingToTell } from '../../graphql/shared-execution.js';
import type { ConversationRow } from '../conversation.row.js';
import type { InboundRow } from '../inbound.row.js';
import type { InboxChange } from '../inbox.ports.js';
import type { LiveInbox } from '../live-inbox.js';
import { ConversationType, InboundMessageType } from './conversation.types.js';
import type { CallerContext, InboxLoaders } from './inbox.loaders.js';

/** A conversation may be merged away, and a message deleted, between its change and its reading; a merge tells of the other conversation by itself. */
async function unlessGone<T>(reading: Promise<T | null>): Promise<T> {
  const row = await reading;
  if (row === null) throw new NothingToTell();
  return row;
}

@Resolver()
export class InboxSubscriptions {
  constructor(
    readonly live: LiveInbox,
    private readonly loaders: InboxLoaders,
  ) {}

  @Rights(...READERS)
  @Subscription(() => InboundMessageType, {
    description:
      'Each message from a person as it comes in, on whichever process. After a lost connection, and after UNAVAILABLE, which ends it when something may have been missed, read what was missed: inboundMessages. NOT_FOUND',
    subscribe: ({ args, context }) => {
      const own = context as CallerContext;
      const { conversationId = null } = args as { conversationId?: string | null };
      return own.resolver(InboxSubscriptions).live.open(own.caller, conversationId, true);
    },
  })
  inboundMessageReceived(
    @Root() { inboundId }: InboxChange,
    @Ctx() context: CallerContext,
    @Arg('conversationId', () => ID, { nullable: true, description: 'Only of this one, and of the one that it is merged into' })
    _conversationId?: string | null,
  ): Promise<InboundRow> {
    return unlessGone(loaderOf(context, this.loaders.inbound).load(inboundId ?? ''));
  }

  @Rights(...READERS)
  @Subscription(() => ConversationType, {
    description:
      'A conversation as it is, whenever somebody wrote or replied, and when it was read, assigned, closed or opened. After a lost connection, and after UNAVAILABLE, which ends it when something may have been missed, read the list again. NOT_FOUND',
    subscribe: ({ args, context }) => {
      const own = context as CallerContext;
      const { id = null } = args as { id?: string | null };
      return own.resolver(InboxSubscriptions).live.open(own.caller, id, false);
    },
  })
  conversationUpdated(
    @Root() { conversationId }: InboxChange,
    @Ctx() context: CallerContext,
    @Arg('id', () => ID, { nullable: true, description: 'Only this one, and the one that it is merged into' }) _id?: string | null,
  ): Promise<ConversationRow> {
    return unlessGone(loaderOf(context, this.loaders.conversations).load(conversationId));
  }
}
