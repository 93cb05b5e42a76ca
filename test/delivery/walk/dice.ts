/** Chance that falls the same way for the same seed. */
export class Dice {
  constructor(private state: number) {}

  /** From 0 to below 1 (mulberry32). */
  readonly roll = (): number => {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  happens(probability: number): boolean {
    return this.roll() < probability;
  }

  pick<T>(some: readonly [T, ...T[]]): T {
    return some[Math.floor(this.roll() * some.length)] ?? some[0];
  }

  some<T>(all: readonly T[], probability: number): T[] {
    return all.filter(() => this.happens(probability));
  }
}
