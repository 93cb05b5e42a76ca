/** Tells other processes what happened. May lose messages (it is Redis pub/sub): whoever must not miss anything also reads the database. */
export interface EventBus {
  /** Never throws. What `payload` gives becomes JSON; it is asked only where somebody may listen. */
  publish(topic: string, payload: () => unknown): void;
  /** Resolves once messages arrive; returns how to stop. `missed` is called when some may have been lost, once they arrive again. */
  subscribe(topic: string, receive: (payload: unknown) => void, missed?: () => void): Promise<() => Promise<void>>;
}
