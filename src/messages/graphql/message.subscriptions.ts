import 'reflect-metadata';
import { Arg, Ctx, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import { READERS } from '../../accounts/rights.js';
import { Rights } from '../../graphql/rights.js';
import type { LiveEvent, LiveMessages } from '../live-messages.js';
import { MessageFilter } from './message.inputs.js';
import type { CallerContext } from './message.loaders.js';
import { MessageEventType } from './message.types.js';

interface StatusArgs {
  messageIds?: string[] | null;
  filter?: MessageFilter | null;
  after?: string | null;
}

@Resolver()
export class MessageSubscriptions {
  constructor(readonly live: LiveMessages) {}

  @Rights(...READERS)
  @Query(() => String, {
    description:
      'Where `messageStatusChanged` stands now. Asked for before anything else is read, and given as `after`, it leaves no gap before the first change that is seen, whenever the subscription begins, or begins again',
  })
  feedCursor(): Promise<string> {
    return this.live.position();
  }

  @Rights(...READERS)
  @Subscription(() => MessageEventType, {
    description:
      "Every status change of the tenant's messages, or of those that match. With `after`, first all that happened since that cursor (from the database), then live ones, with no gap between: at least once, in order for each message. Ends with SLOW_CONSUMER for whoever reads too slowly, and with UNAVAILABLE when the database cannot be reached: resume with `after`.",
    subscribe: ({ args, context }) => {
      const own = context as CallerContext;
      const { messageIds, filter, after } = args as StatusArgs;
      return own.resolver(MessageSubscriptions).live.open(own.caller, {
        messageIds: messageIds ?? null,
        search: filter ?? {},
        after: after ?? null,
      });
    },
  })
  messageStatusChanged(
    @Root() event: LiveEvent,
    @Ctx() _context: CallerContext,
    @Arg('messageIds', () => [ID], { nullable: true, description: 'Only these: at most 1,000' }) _messageIds?: string[] | null,
    @Arg('filter', () => MessageFilter, {
      nullable: true,
      description:
        'Only those that match; `status`, `provider` and `errorKind` are those of the event: one that has no provider, or no error, does not match. A contact is watched by the addresses that it has when the subscription begins: subscribe again, with `after`, where they change',
    })
    _filter?: MessageFilter | null,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'The `cursor` of the last event that was seen, or, before there was one, a `feedCursor`; BAD_USER_INPUT when it is neither',
    })
    _after?: string | null,
  ): LiveEvent {
    return event;
  }
}
