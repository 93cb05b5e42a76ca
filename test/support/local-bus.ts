import type { EventBus } from '../../src/platform/pubsub/event-bus.js';

/** Publications within this process, which can be lost. */
export class LocalBus implements EventBus {
  /** All that was published, lost or not. */
  readonly published: unknown[] = [];
  isLosing = false;
  private readonly receivers = new Map<string, Set<(payload: unknown) => void>>();

  get listeners(): number {
    return [...this.receivers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  publish(topic: string, payload: () => unknown): void {
    const copy: unknown = JSON.parse(JSON.stringify(payload()));
    this.published.push(copy);
    if (!this.isLosing) for (const receive of this.receivers.get(topic) ?? []) receive(copy);
  }

  async subscribe(topic: string, receive: (payload: unknown) => void): Promise<() => Promise<void>> {
    const receivers = this.receivers.get(topic) ?? new Set();
    this.receivers.set(topic, receivers.add(receive));
    return async () => void receivers.delete(receive);
  }
}
