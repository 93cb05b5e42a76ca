/** Hands one reader the latest value: what it was too slow to take is replaced, not kept. */
export class LatestValue<T> implements AsyncIterableIterator<T> {
  private value: { held: T } | null = null;
  private ended = false;
  private wake: (() => void) | null = null;

  /** `onEnd` is called when the reader leaves. */
  constructor(private readonly onEnd: () => void) {}

  put(value: T): void {
    this.value = { held: value };
    this.wake?.();
  }

  async next(): Promise<IteratorResult<T>> {
    while (!this.value && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = null;
    const { value } = this;
    this.value = null;
    return value && !this.ended ? { done: false, value: value.held } : { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T>> {
    if (!this.ended) this.onEnd();
    this.ended = true;
    this.wake?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
