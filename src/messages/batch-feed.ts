import { setTimeout as pause } from 'node:timers/promises';
import type { EventBus } from '../platform/pubsub/event-bus.js';
import type { MessageFeed } from './message-feed.js';
import type { BatchBoard } from './message.ports.js';

const EVERY_MS = 1_000;

const topicOf = (tenantId: string): string => `batches.${tenantId}`;

/** Tells when a batch has moved, at most once a second: its messages' changes are counted, not passed on. */
export class BatchFeed implements BatchBoard {
  constructor(
    private readonly bus: EventBus,
    private readonly feed: Pick<MessageFeed, 'join'>,
    private readonly everyMs = EVERY_MS,
  ) {}

  changed({ id, tenantId }: { id: string; tenantId: string }): void {
    this.bus.publish(topicOf(tenantId), id);
  }

  /** Yields at once, and then whenever something of the batch has changed. */
  watch(tenantId: string, batchId: string): AsyncGenerator<string, void, undefined> {
    const end = new AbortController();
    const beats = this.beats(tenantId, batchId, end.signal);
    const finish = beats.return.bind(beats);
    // A generator that waits inside can only be ended by what it waits for.
    beats.return = (value) => {
      end.abort();
      return finish(value);
    };
    return beats;
  }

  private async *beats(tenantId: string, batchId: string, end: AbortSignal): AsyncGenerator<string, void, undefined> {
    let moved = Promise.withResolvers<void>();
    const beat = (): void => moved.resolve();
    end.addEventListener('abort', beat);
    const leaveMessages = await this.feed.join(tenantId, ({ fact }) => fact.message.batchId === batchId && beat());
    try {
      const leaveBatches = await this.bus.subscribe(topicOf(tenantId), (id) => id === batchId && beat());
      try {
        while (!end.aborted) {
          // What moves from here on is told by the next beat: whoever gets this one reads the batch only now.
          moved = Promise.withResolvers<void>();
          yield batchId;
          await pause(this.everyMs, undefined, { signal: end }).catch(() => undefined);
          if (!end.aborted) await moved.promise;
        }
      } finally {
        await leaveBatches();
      }
    } finally {
      leaveMessages();
    }
  }
}
