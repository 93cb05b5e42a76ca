import { ContactConversationsResolver, ConversationResolver } from '../inbox/graphql/conversation.resolver.js';
import { InboundResolver } from '../inbox/graphql/inbound.resolver.js';
import { InboxLoaders } from '../inbox/graphql/inbox.loaders.js';
import { InboxSubscriptions } from '../inbox/graphql/inbox.subscriptions.js';
import { InboundReader } from '../inbox/inbound-reader.js';
import { LiveInbox } from '../inbox/live-inbox.js';
import type { Core } from './build-core.js';

export const INBOX_RESOLVERS = [ConversationResolver, ContactConversationsResolver, InboundResolver, InboxSubscriptions] as const;

export function inboxResolvers({ inbox, people, sealer }: Core): object[] {
  const { feed, conversations, reviews } = inbox;
  const loaders = new InboxLoaders(people.contacts, conversations, reviews);
  return [
    new ConversationResolver(conversations, loaders),
    new ContactConversationsResolver(loaders),
    new InboundResolver(reviews, new InboundReader(sealer), loaders),
    new InboxSubscriptions(new LiveInbox(feed, conversations), loaders),
  ];
}
