import type { MessageFact } from './message-fact.js';
import type { MessageFeed } from './message-feed.js';
import { findMessage } from './message.queries.js';
import type { MessageRow } from './message.row.js';
import type { MessageStatus } from './message-status.js';
import type { Database } from '../platform/database/database.js';

/** The provider has answered, or will not be asked. */
const SETTLED: ReadonlySet<MessageStatus> = new Set([
  'UNCONFIRMED',
  'SENT',
  'DELIVERED',
  'READ',
  'FAILED',
  'CANCELLED',
  'SUPPRESSED',
  'EXPIRED',
]);

/** A new message that waits in the queue again has been tried: the caller learns of the error now, not in five minutes. */
const isTried = ({ status, claims }: MessageRow): boolean => SETTLED.has(status) || (status === 'QUEUED' && claims > 0);

export interface SettledWatch {
  /** Resolves when the provider has answered, or after `timeoutMs`. Never rejects. */
  settled(timeoutMs: number): Promise<void>;
  /** To be called in any case. */
  stop(): void;
}

/** Lets a caller wait for the provider's answer, for `immediate`. */
export class SettledMessages {
  constructor(
    private readonly db: Database,
    private readonly feed: MessageFeed,
  ) {}

  /** To be called before the message is accepted, so that no change is missed. */
  watch({ id, tenantId }: Pick<MessageRow, 'id' | 'tenantId'>): SettledWatch {
    const { promise, resolve } = Promise.withResolvers<void>();
    const isAnswer = ({ event }: MessageFact): boolean =>
      event.messageId === id && (SETTLED.has(event.status) || (event.status === 'QUEUED' && event.previousStatus === 'SENDING'));
    const joined = this.feed.join(tenantId, ({ fact }) => isAnswer(fact) && resolve());
    // Without the feed (Redis is away) the time-out decides: the message itself is accepted all the same.
    joined.catch(() => undefined);
    return {
      stop: () =>
        void joined.then(
          (leave) => leave(),
          () => undefined,
        ),
      settled: async (timeoutMs) => {
        const timeout = setTimeout(resolve, timeoutMs);
        // What happened before the feed was joined was told to nobody.
        joined
          .then(() => findMessage(this.db.sql, tenantId, id))
          .then((row) => row && isTried(row) && resolve())
          .catch(() => undefined);
        await promise;
        clearTimeout(timeout);
      },
    };
  }
}
