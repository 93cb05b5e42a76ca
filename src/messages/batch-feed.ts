import type { EventBus } from '../platform/pubsub/event-bus.js';
import type { MessageFeed } from './message-feed.js';
import type { BatchBoard } from './message.ports.js';

const topicOf = (tenantId: string): string => `batches.${tenantId}`;

/** Tells on every process that something of a batch has changed: its own state, or that of a message. */
export class BatchFeed implements BatchBoard {
  constructor(
    private readonly bus: EventBus,
    private readonly feed: Pick<MessageFeed, 'join'>,
  ) {}

  /** Once, and it may be lost. What happens to messages is told by their own feed. */
  changed({ id, tenantId }: { id: string; tenantId: string }): void {
    this.bus.publish(topicOf(tenantId), () => id);
  }

  /** Returns how to stop. */
  async join(tenantId: string, batchId: string, moved: () => void): Promise<() => Promise<void>> {
    const leaveMessages = await this.feed.join(tenantId, ({ fact }) => fact.message.batchId === batchId && moved());
    try {
      const leaveBatches = await this.bus.subscribe(topicOf(tenantId), (id) => id === batchId && moved());
      return async () => {
        leaveMessages();
        await leaveBatches();
      };
    } catch (error) {
      leaveMessages();
      throw error;
    }
  }
}
