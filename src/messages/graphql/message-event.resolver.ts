import 'reflect-metadata';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { loaderOf } from '../../graphql/context.js';
import { encodeCursor } from '../feed-cursor.js';
import { errorOf, type EventRow } from '../message-event.js';
import type { MessageRow } from '../message.row.js';
import type { CallerContext, MessageLoaders } from './message.loaders.js';
import { DeliveryErrorType, MessageEventType, MessageType } from './message.types.js';

/** An event as it was read from the log, or as it came live with a cursor of its own. */
type Event = EventRow & { cursor?: string };

@Resolver(() => MessageEventType)
export class MessageEventResolver {
  constructor(private readonly loaders: MessageLoaders) {}

  @FieldResolver(() => String, { description: 'Resume a subscription after this event with `after`' })
  cursor(@Root() { cursor, horizon, id }: Event): string {
    return cursor ?? encodeCursor({ horizon, eventId: id });
  }

  @FieldResolver(() => MessageType, { description: 'As it is now, which may be further than this event' })
  async message(@Root() { messageId }: Event, @Ctx() context: CallerContext): Promise<MessageRow | null> {
    return loaderOf(context, this.loaders.messages).load(messageId);
  }

  @FieldResolver(() => Date, { description: "By the server's clock; for a receipt, when it came" })
  at(@Root() { at }: Event): Date {
    return new Date(at);
  }

  @FieldResolver(() => DeliveryErrorType, { nullable: true, description: 'Why the provider did not take or deliver it' })
  error(@Root() event: Event): DeliveryErrorType | null {
    return errorOf(event);
  }
}
