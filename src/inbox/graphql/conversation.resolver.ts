import 'reflect-metadata';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATORS, READERS } from '../../accounts/rights.js';
import type { ContactRow } from '../../contacts/contact.row.js';
import { ContactType } from '../../contacts/graphql/contact.types.js';
import { ForwardPageArgs, PageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import { SendMessagePayload } from '../../messages/graphql/message.types.js';
import type { MessageRow } from '../../messages/message.row.js';
import { Channel } from '../../vocabulary.js';
import { isPlace, keyOf, placeOf } from '../conversation-cursor.js';
import { ConversationState, type ConversationRow } from '../conversation.row.js';
import type { ConversationService } from '../conversation.service.js';
import { placeOfEntry } from '../entries.queries.js';
import type { InboundRow } from '../inbound.row.js';
import {
  ConversationConnection,
  ConversationEntryConnection,
  ConversationPayload,
  ConversationType,
  ReplyInput,
} from './conversation.types.js';
import type { CallerContext, InboxLoaders } from './inbox.loaders.js';

@Resolver(() => ConversationType)
export class ConversationResolver {
  constructor(
    private readonly service: ConversationService,
    private readonly loaders: InboxLoaders,
  ) {}

  @Rights(...READERS)
  @Query(() => ConversationType, { nullable: true, description: 'Null where there is none with this id' })
  conversation(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<ConversationRow | null> {
    return this.service.find(caller, id);
  }

  @Rights(...READERS)
  @Query(() => ConversationConnection, { description: 'The one with the latest activity first' })
  async conversations(
    @Ctx() { caller }: CallerContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('state', () => ConversationState, { nullable: true }) state?: ConversationState | null,
    @Arg('channel', () => Channel, { nullable: true }) channel?: Channel | null,
    @Arg('unreadOnly', () => Boolean, { nullable: true, defaultValue: false }) unreadOnly?: boolean | null,
    @Arg('search', () => String, { nullable: true, description: "A contact's number, email address or externalId, as a whole" })
    search?: string | null,
  ): Promise<Connection<ConversationRow>> {
    const page = pageOf(args, isPlace);
    const place = { limit: page.limit, after: placeOf(page.after) };
    return toConnection(await this.service.list(caller, { state, channel, unreadOnly, search }, place), page, keyOf);
  }

  @Rights(...OPERATORS)
  @Mutation(() => SendMessagePayload, {
    description:
      'Answers where the person last wrote from, of the addresses that are still theirs, as a SERVICE message; what forbids a send forbids it too. NOT_FOUND; SESSION_WINDOW_CLOSED: WhatsApp, and the person wrote more than 24 hours ago, so only a template can be sent (sendMessage); OPTED_OUT; and the codes of sendMessage',
  })
  reply(@Ctx() { caller }: CallerContext, @Arg('input', () => ReplyInput) input: ReplyInput): Promise<SendMessagePayload> {
    const { conversationId, body, mediaUrls, idempotencyKey = null } = input;
    return orUserErrors(this.service.reply(caller, { conversationId, body, mediaUrls: mediaUrls ?? [], idempotencyKey }), {
      duplicate: false,
    });
  }

  @Rights(...OPERATORS)
  @Mutation(() => ConversationPayload, { description: 'NOT_FOUND' })
  markConversationRead(@Ctx() { caller }: CallerContext, @Arg('id', () => ID) id: string): Promise<ConversationPayload> {
    return orUserErrors(this.service.markRead(caller, id));
  }

  @Rights(...OPERATORS)
  @Mutation(() => ConversationPayload, { description: 'NOT_FOUND; INVALID_INPUT' })
  assignConversation(
    @Ctx() { caller }: CallerContext,
    @Arg('id', () => ID) id: string,
    @Arg('assignee', () => String, { nullable: true, description: 'A name of the caller’s own, up to 100 characters; null: nobody' })
    assignee?: string | null,
  ): Promise<ConversationPayload> {
    return orUserErrors(this.service.assign(caller, id, assignee ?? null));
  }

  @Rights(...OPERATORS)
  @Mutation(() => ConversationPayload, { description: 'NOT_FOUND' })
  setConversationState(
    @Ctx() { caller }: CallerContext,
    @Arg('id', () => ID) id: string,
    @Arg('state', () => ConversationState) state: ConversationState,
  ): Promise<ConversationPayload> {
    return orUserErrors(this.service.setState(caller, id, state));
  }

  @FieldResolver(() => ContactType)
  contact(@Root() { contactId }: ConversationRow, @Ctx() context: CallerContext): Promise<ContactRow | null> {
    return loaderOf(context, this.loaders.contacts).load(contactId);
  }

  @Rights(...READERS)
  @FieldResolver(() => ConversationEntryConnection, {
    description:
      'What went out and what came in on this channel, oldest first: `last` gives the newest. Pages go both ways. What came in and was applied late stands where it came, which may be before your cursor',
  })
  async entries(
    @Root() conversation: ConversationRow,
    @Ctx() context: CallerContext,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<MessageRow | InboundRow>> {
    const page = pageOf(args);
    return toConnection(await loaderOf(context, this.loaders.entries).load({ conversation, page }), page, placeOfEntry);
  }
}

@Resolver(() => ContactType)
export class ContactConversationsResolver {
  constructor(private readonly loaders: InboxLoaders) {}

  @Rights(...READERS)
  @FieldResolver(() => ConversationConnection, { description: 'One for each channel that the person wrote by, the latest activity first' })
  async conversations(
    @Root() { id: contactId }: ContactRow,
    @Ctx() context: CallerContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
  ): Promise<Connection<ConversationRow>> {
    const page = pageOf(args, isPlace);
    const place = { limit: page.limit, after: placeOf(page.after) };
    return toConnection(await loaderOf(context, this.loaders.ofContacts).load({ contactId, page: place }), page, keyOf);
  }
}
