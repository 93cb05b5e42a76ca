import type { EventBus } from '../platform/pubsub/event-bus.js';

export interface KeyEvents {
  publishRevoked(keyId: string): void;
  /** Called in every process; the publishing one calls at once. Returns how to stop. */
  onRevoked(listener: (keyId: string) => void): () => void;
}

export interface TenantEvents {
  publishChanged(tenantId: string): void;
  onChanged(listener: (tenantId: string) => void): () => void;
}

const TOPIC = 'accounts';

type Change = 'keyRevoked' | 'tenantChanged';

/** What other processes must forget. May be lost between processes, so nobody may rely on it alone. */
export class AccountEvents implements KeyEvents, TenantEvents {
  private readonly listeners: Record<Change, Set<(id: string) => void>> = { keyRevoked: new Set(), tenantChanged: new Set() };

  /** Without a bus (the command line, tests) this process alone is told. */
  constructor(private readonly bus: EventBus | null = null) {}

  /** Starts to hear of other processes; returns how to stop. */
  async listen(): Promise<() => Promise<void>> {
    const stop = await this.bus?.subscribe(TOPIC, (payload) => {
      const { change, id } = payload as { change: Change; id: string };
      this.tell(change, id);
    });
    return stop ?? (async () => undefined);
  }

  publishRevoked(keyId: string): void {
    this.publish('keyRevoked', keyId);
  }

  onRevoked(listener: (keyId: string) => void): () => void {
    return this.on('keyRevoked', listener);
  }

  publishChanged(tenantId: string): void {
    this.publish('tenantChanged', tenantId);
  }

  onChanged(listener: (tenantId: string) => void): () => void {
    return this.on('tenantChanged', listener);
  }

  private publish(change: Change, id: string): void {
    this.tell(change, id);
    this.bus?.publish(TOPIC, () => ({ change, id }));
  }

  private tell(change: Change, id: string): void {
    for (const listener of this.listeners[change] ?? []) listener(id);
  }

  private on(change: Change, listener: (id: string) => void): () => void {
    this.listeners[change].add(listener);
    return () => void this.listeners[change].delete(listener);
  }
}
