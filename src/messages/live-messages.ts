import type { Caller } from '../accounts/caller.js';
import { AppError, ErrorCode } from '../errors.js';
import { factMatcher } from './fact-matcher.js';
import type { EventRow } from './message-event.js';
import { mapped } from './mapped-stream.js';
import type { FeedItem } from './message-fact.js';
import type { MessageFeed } from './message-feed.js';
import type { MessageSearch, MessageService } from './message.service.js';

/** An event as a subscriber gets it, with the place to resume from. */
export type LiveEvent = EventRow & { cursor: string };

export interface LiveSelection {
  messageIds: string[] | null;
  search: MessageSearch;
  after: string | null;
}

const MOST_IDS = 1_000;

/** What `messageStatusChanged` hands out. */
export class LiveMessages {
  private readonly events = new WeakMap<FeedItem, LiveEvent>();

  constructor(
    private readonly feed: MessageFeed,
    private readonly messages: MessageService,
  ) {}

  async open(caller: Caller, { messageIds, search, after }: LiveSelection): Promise<AsyncIterable<LiveEvent>> {
    if (messageIds && messageIds.length > MOST_IDS)
      throw new AppError(ErrorCode.BAD_USER_INPUT, 'At most 1,000 messageIds; use a filter instead.');
    const wanted = factMatcher(messageIds, await this.messages.filterOf(caller, search));
    const items = this.feed.subscribe(caller.tenantId, wanted, after);
    return mapped(items, (item) => this.eventOf(item));
  }

  position(): Promise<string> {
    return this.feed.position();
  }

  /** The same object for all subscribers of this process, so that what they select of it is worked out once. */
  private eventOf(item: FeedItem): LiveEvent {
    let event = this.events.get(item);
    if (!event) {
      event = { ...item.fact.event, at: new Date(item.fact.event.at), detail: null, cursor: item.cursor };
      this.events.set(item, event);
    }
    return event;
  }
}
