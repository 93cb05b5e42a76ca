/**
 * The way to one provider: its connections, and half as many calls beside them that the provider's own client keeps ready.
 * Who finds no room waits here, codes before all others, where what has waited too long can still be taken back.
 */
export class Line {
  private readonly room: number;
  private readonly together: number;
  private busy = 0;
  private readonly codes: (() => void)[] = [];
  private readonly others: (() => void)[] = [];

  constructor(connections: number) {
    this.together = Math.ceil(connections / 2);
    this.room = connections + this.together;
  }

  /** Resolves when there is room for a call; `release` it afterwards. */
  take(isCode: boolean): Promise<void> {
    const waiting = isCode ? this.codes : this.others;
    if (this.busy < this.room && waiting.length === 0) {
      this.busy++;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  release(): void {
    this.busy--;
    this.admit(this.codes, Math.min(this.codes.length, this.room - this.busy));
    // Many at a time: one by one, between the answers to others, their calls take the worker a tenth longer.
    if (this.room - this.busy >= this.together) this.admit(this.others, Math.min(this.others.length, this.together));
  }

  private admit(waiting: (() => void)[], count: number): void {
    for (const enter of waiting.splice(0, count)) {
      this.busy++;
      enter();
    }
  }
}
