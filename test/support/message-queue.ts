/** What arrives, in order, for a test that waits for it. */
export class MessageQueue<T> {
  private readonly arrived: T[] = [];
  private readonly waiting: { resolve(item: T): void; reject(error: Error): void }[] = [];
  private failure: Error | null = null;

  push(item: T): void {
    const next = this.waiting.shift();
    if (next) next.resolve(item);
    else this.arrived.push(item);
  }

  /** Whoever waits, now or later, gets the error once all that arrived before has been taken. */
  fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
  }

  async next(timeoutMs = 5_000): Promise<T> {
    const item = this.arrived.shift();
    if (item !== undefined) return item;
    if (this.failure) throw this.failure;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => waiter.reject(new Error(`Nothing arrived within ${timeoutMs} ms.`)), timeoutMs);
      const waiter = {
        resolve: (value: T) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error: Error) => {
          clearTimeout(timer);
          this.waiting.splice(this.waiting.indexOf(waiter), 1);
          reject(error);
        },
      };
      this.waiting.push(waiter);
    });
  }

  async take(count: number, timeoutMs = 5_000): Promise<T[]> {
    const items: T[] = [];
    while (items.length < count) items.push(await this.next(timeoutMs));
    return items;
  }

  /** Fails when anything arrives within the time. */
  async expectSilence(ms: number): Promise<void> {
    const item = await this.next(ms).catch(() => undefined);
    if (item !== undefined) throw new Error(`Expected silence, got ${JSON.stringify(item)}.`);
  }
}
