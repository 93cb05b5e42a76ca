/** Tells other processes what happened. May lose messages (it is Redis pub/sub): whoever must not miss anything also reads the database. */
export interface EventBus {
  /** Never throws; `payload` becomes JSON. */
  publish(topic: string, payload: unknown): void;
  /** Resolves once messages arrive; returns how to stop. */
  subscribe(topic: string, receive: (payload: unknown) => void): Promise<() => Promise<void>>;
}
