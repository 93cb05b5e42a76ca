import type { EventBus } from '../platform/pubsub/event-bus.js';
import { FactQueue } from '../messages/fact-queue.js';
import type { InboxChange, InboxPublisher } from './inbox.ports.js';

const topicOf = (tenantId: string): string => `inbox.${tenantId}`;

/** What moves in conversations, on any process. Only ids travel: whoever hears of a change reads it from the database. */
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
    const leave = await this.bus.subscribe(topicOf(tenantId), (payload) => {
      const change = payload as InboxChange;
      if (wanted(change)) queue.push(change);
    });
    try {
      yield* queue;
    } finally {
      await leave();
    }
  }
}
