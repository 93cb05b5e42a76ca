import 'reflect-metadata';
import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Intent } from '../../consent/intent.js';
import { connectionOf } from '../../graphql/connection.js';
import { DateTime } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { MessageType } from '../../messages/graphql/message.types.js';
import { Channel } from '../../vocabulary.js';
import { ConversationState } from '../conversation.row.js';
import { AutomaticAnswer, InboundReview } from '../inbound.row.js';
import './inbox.enums.js';

@ObjectType('Conversation', { description: 'What a contact and the tenant write each other on one channel' })
export class ConversationType {
  @Field(() => ID)
  id!: string;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => ConversationState)
  state!: ConversationState;

  @Field(() => String, { nullable: true, description: 'Who takes care of it, as assignConversation has it' })
  assignee!: string | null;

  @Field(() => Int, { description: 'Messages that came in since markConversationRead' })
  unreadCount!: number;

  @Field(() => DateTime, { description: 'When somebody last wrote, or was replied to' })
  lastActivityAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'WhatsApp: free text may be sent until then, 24 hours from the last message. Null on other channels',
  })
  sessionExpiresAt!: Date | null;
}

@ObjectType('InboundMessage', { description: 'A message from a person' })
export class InboundMessageType {
  @Field(() => ID)
  id!: string;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => Intent)
  intent!: Intent;

  @Field(() => String)
  provider!: string;

  @Field(() => String, { description: "The provider's id: a message that comes twice is one" })
  providerMessageId!: string;

  @Field(() => DateTime)
  receivedAt!: Date;

  @Field(() => AutomaticAnswer)
  answer!: AutomaticAnswer;

  @Field(() => InboundReview, { nullable: true, description: 'Null: it was clear' })
  review!: InboundReview | null;

  @Field(() => Boolean, {
    description:
      'The person answered a question (CANCEL), and the provider took the word for an opt-out: it refuses messages to them until they send START',
  })
  providerBlocked!: boolean;
}

const ConversationItem = createUnionType({
  name: 'ConversationItem',
  description: 'What went out, or what came in',
  types: () => [MessageType, InboundMessageType] as const,
  resolveType: (row: object) => ('conversationId' in row ? InboundMessageType : MessageType),
});

export const ConversationConnection = connectionOf('Conversation', () => ConversationType);
export const ConversationEntryConnection = connectionOf('ConversationEntry', () => ConversationItem as unknown as symbol);
export const InboundMessageConnection = connectionOf('InboundMessage', () => InboundMessageType);

@ObjectType()
export class ConversationPayload {
  @Field(() => ConversationType, { nullable: true, description: 'As it is now; null when nothing was changed' })
  conversation?: ConversationType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed' })
  userErrors!: UserErrorType[];
}

@ObjectType()
export class InboundMessagePayload {
  @Field(() => InboundMessageType, { nullable: true, description: 'As it is now; null when nothing was changed' })
  inboundMessage?: InboundMessageType | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed' })
  userErrors!: UserErrorType[];
}

@InputType()
export class ReplyInput {
  @Field(() => ID)
  conversationId!: string;

  @Field(() => String)
  body!: string;

  @Field(() => [String], { nullable: true, description: 'At most 10' })
  mediaUrls?: string[] | null;

  @Field(() => String, { nullable: true, description: 'As with sendMessage, whose keys these are too' })
  idempotencyKey?: string | null;
}
