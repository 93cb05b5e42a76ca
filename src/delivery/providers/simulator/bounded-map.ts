/** A map that, when full, forgets what was set longest ago. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  // Kept open: a fresh iterator for every removal would walk over the gaps that all earlier ones left behind.
  readonly #oldest = this.#entries.keys();

  constructor(private readonly limit: number) {}

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Returns the value that had to make room, if any. */
  set(key: K, value: V): V | undefined {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.limit) return undefined;
    const oldest = this.#oldest.next().value as K;
    const forgotten = this.#entries.get(oldest);
    this.#entries.delete(oldest);
    return forgotten;
  }

  /** Oldest first. */
  values(): V[] {
    return [...this.#entries.values()];
  }
}
