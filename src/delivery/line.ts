/**
 * The connections to one provider. Who finds none free waits, codes before all others, instead of in the provider's own
 * client: there nobody could take back what has waited too long.
 */
export class Line {
  private busy = 0;
  private readonly codes: (() => void)[] = [];
  private readonly others: (() => void)[] = [];

  constructor(private readonly connections: number) {}

  /** Resolves when a connection is free; `release` it afterwards. */
  take(isCode: boolean): Promise<void> {
    if (this.busy < this.connections) {
      this.busy++;
      return Promise.resolve();
    }
    return new Promise((resolve) => (isCode ? this.codes : this.others).push(resolve));
  }

  release(): void {
    const next = this.codes.shift() ?? this.others.shift();
    if (next) next();
    else this.busy--;
  }
}
