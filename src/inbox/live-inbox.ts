import type { Caller } from '../accounts/caller.js';
import { AppError, ErrorCode } from '../errors.js';
import type { ConversationService } from './conversation.service.js';
import type { InboxFeed } from './inbox-feed.js';
import type { InboxChange } from './inbox.ports.js';

/** What the subscriptions to conversations hand out. */
export class LiveInbox {
  constructor(
    private readonly feed: InboxFeed,
    private readonly conversations: ConversationService,
  ) {}

  /** `received`: only messages that came in. Throws NOT_FOUND for a conversation that is not there. */
  async open(caller: Caller, id: string | null, received: boolean): Promise<AsyncIterable<InboxChange>> {
    if (id !== null && !(await this.conversations.find(caller, id)))
      throw new AppError(ErrorCode.NOT_FOUND, 'There is no such conversation.');
    let watched = id;
    return this.feed.subscribe(caller.tenantId, ({ conversationId, inboundId, goneId }) => {
      // Merged into another one, it goes on there.
      if (watched !== null && goneId === watched) watched = conversationId;
      return (watched === null || conversationId === watched) && (!received || inboundId !== null);
    });
  }
}
