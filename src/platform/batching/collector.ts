/**
 * Gathers items that arrive within a few milliseconds into one group, so that a group costs one transaction.
 * `add` resolves when the item's group is done. When a group fails, each of its items is tried alone: one bad item
 * must not fail its neighbours. `isFinal` names faults for which that is pointless (the database is away).
 */
export class Collector<T> {
  private waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = [];
  private timer: NodeJS.Timeout | null = null;
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly options: {
      maxItems: number;
      maxWaitMs: number;
      /** Groups under way at once; while all are, waiting items gather into larger groups. */
      concurrency: number;
      /** Beside a group that is under way, another begins only when so many wait: small ones would cost more than they gain. */
      worthAnother: number;
      work: (items: T[]) => Promise<void>;
      isFinal: (error: unknown) => boolean;
    },
  ) {}

  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length === this.options.worthAnother) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), this.options.maxWaitMs);
    });
  }

  /** Resolves when nothing waits or runs any more. */
  async idle(): Promise<void> {
    while (this.waiting.length > 0 || this.running.size > 0) {
      this.flush();
      await Promise.race(this.running);
    }
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    while (this.mayBegin()) {
      const group = this.waiting.splice(0, this.options.maxItems);
      const run: Promise<void> = this.run(group).finally(() => {
        this.running.delete(run);
        if (this.waiting.length > 0) this.flush();
      });
      this.running.add(run);
    }
  }

  private mayBegin(): boolean {
    const { concurrency, worthAnother } = this.options;
    const enough = this.running.size === 0 ? 1 : worthAnother;
    return this.waiting.length >= enough && this.running.size < concurrency;
  }

  private async run(group: typeof this.waiting): Promise<void> {
    try {
      await this.options.work(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1 || this.options.isFinal(error)) for (const { reject } of group) reject(error);
      else for (const one of group) await this.run([one]);
    }
  }
}
