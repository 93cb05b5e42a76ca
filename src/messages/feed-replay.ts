import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../platform/database/database.js';
import { idFloor, idTime } from '../platform/ids.js';
import { encodeCursor, type FeedCursor } from './feed-cursor.js';
import type { LogSnapshot } from './log-snapshot.js';
import type { FeedItem } from './message-fact.js';
import { currentSnapshot, eventsSince } from './message-feed.queries.js';
import { SharedReads } from './shared-reads.js';

const PAGE = 500;
/** Who comes back in this time looks at the same state of the log, and so shares its pages. */
const SNAPSHOT_MS = 250;
/** No transaction lives longer, so no event that a cursor still needs was written longer before the cursor's own. */
const LONGEST_TRANSACTION_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Page {
  items: FeedItem[];
  /** Null at the end. */
  last: string | null;
}

/** What subscribers that come back have missed, from the log. Equal subscribers are handed the same items, so that what they select of them is worked out once. */
export class FeedReplay {
  private readonly pages = new SharedReads();
  private coming: Promise<LogSnapshot> | null = null;
  private takenAt = 0;

  constructor(private readonly db: Database) {}

  /** The state of the log at a moment after this call. */
  snapshot(): Promise<LogSnapshot> {
    this.coming ??= this.nextSnapshot();
    return this.coming;
  }

  /** What a subscriber that stopped at `cursor` has to see of that state, oldest first. Ends early when it has left. */
  async *items(
    tenantId: string,
    cursor: FeedCursor,
    snapshot: LogSnapshot,
    hasLeft: () => boolean,
  ): AsyncGenerator<FeedItem, void, undefined> {
    const again = new Set<string>();
    for (let after: string | null = floorOf(cursor); after !== null && !hasLeft();) {
      const page = await this.page(tenantId, cursor, { snapshot, after }, hasLeft);
      for (const item of page.items) {
        const { messageId, id } = item.fact.event;
        // It was seen. Those before it may not have been, and come again; then so does it, or its message would seem to have gone back.
        if (id === cursor.eventId && !again.has(messageId)) continue;
        if (id < cursor.eventId) again.add(messageId);
        yield item;
      }
      after = page.last;
    }
  }

  private async nextSnapshot(): Promise<LogSnapshot> {
    await pause(Math.max(0, this.takenAt + SNAPSHOT_MS - Date.now()));
    // Whoever asks from here on needs a later one.
    this.coming = null;
    this.takenAt = Date.now();
    return currentSnapshot(this.db.sql);
  }

  private async page(
    tenantId: string,
    cursor: FeedCursor,
    { snapshot, after }: { snapshot: LogSnapshot; after: string },
    hasLeft: () => boolean,
  ): Promise<Page> {
    const { horizon, eventId, replayedBelow } = cursor;
    const key = [tenantId, horizon, after, snapshot.text, ...(replayedBelow ? [replayedBelow, eventId] : [])].join();
    const page = await this.pages.get(key, hasLeft, async (): Promise<Page> => {
      const { facts, last } = await eventsSince(this.db.sql, tenantId, { cursor, snapshot, after, limit: PAGE });
      return { items: facts.map((fact) => ({ fact, cursor: cursorAt(fact.event.id, cursor, snapshot) })), last };
    });
    return page ?? { items: [], last: null };
  }
}

/** In whole minutes, so that those who left at about the same time read the same pages. */
function floorOf({ eventId }: FeedCursor): string {
  const time = idTime(eventId).getTime() - LONGEST_TRANSACTION_MS;
  return idFloor(new Date(time - (time % MINUTE_MS)));
}

function cursorAt(eventId: string, from: FeedCursor, { horizon: replayedBelow }: LogSnapshot): string {
  // What an earlier replay had handed out already is passed over here, so up to there nothing can be said anew.
  if (from.replayedBelow !== undefined && eventId <= from.eventId) return encodeCursor(from);
  return encodeCursor({ horizon: from.horizon, eventId, replayedBelow });
}
