import { AppError, ErrorCode } from '../errors.js';
import type { EventBus } from '../platform/pubsub/event-bus.js';
import { FactQueue } from '../messages/fact-queue.js';
import type { InboxChange, InboxPublisher } from './inbox.ports.js';

/** Subscribers end between so long and twice as long after Redis is back: nearly all can publish again by then, and not all come back at once. */
const SPREAD_MS = 3_000;

const topicOf = (tenantId: string): string => `inbox.${tenantId}`;

/**
 * What moves in conversations, on any process. No log tells of it again, so a subscription that may have missed something
 * ends with UNAVAILABLE, and its client reads again. Only ids travel: whoever hears of a change reads it from the database.
 */
export class InboxFeed implements InboxPublisher {
  constructor(private readonly bus: EventBus) {}

  publish(change: InboxChange): void {
    this.bus.publish(topicOf(change.tenantId), () => change);
  }

  /** All subscribers of a process are handed one and the same object for a change. */
  subscribe(tenantId: string, wanted: (change: InboxChange) => boolean): AsyncGenerator<InboxChange, void, undefined> {
    const queue = new FactQueue<InboxChange>();
    const changes = this.read(tenantId, queue, wanted);
    const finish = changes.return.bind(changes);
    // A generator that waits inside can only be ended by what it waits for.
    changes.return = (value) => {
      queue.close();
      return finish(value);
    };
    return changes;
  }

  private async *read(
    tenantId: string,
    queue: FactQueue<InboxChange>,
    wanted: (change: InboxChange) => boolean,
  ): AsyncGenerator<InboxChange, void, undefined> {
    let ending: NodeJS.Timeout | undefined;
    const leave = await this.bus.subscribe(
      topicOf(tenantId),
      (payload) => {
        const change = payload as InboxChange;
        if (wanted(change)) queue.push(change);
      },
      () => (ending ??= setTimeout(() => queue.fail(mayHaveMissed()), SPREAD_MS * (1 + Math.random()))),
    );
    try {
      yield* queue;
    } finally {
      clearTimeout(ending);
      await leave();
    }
  }
}

const mayHaveMissed = (): AppError =>
  new AppError(ErrorCode.UNAVAILABLE, 'Redis was away, and changes may have been missed: read again, and subscribe again.');
