import { LRUCache } from 'lru-cache';

/** The rest of the process needs its connections too. */
const AT_ONCE = 2;
const KEPT = 16;
/** Who comes back at the same time asks at about the same time. */
const KEPT_MS = 5_000;

type HasLeft = () => boolean;

interface Read {
  value: Promise<unknown>;
  askers: HasLeft[];
}

/** Reads of the database that many ask for at once: equal ones are done once, in turn, and two at a time. */
export class SharedReads {
  private readonly reads = new LRUCache<string, Read>({ max: KEPT, ttlAutopurge: true });
  private readonly waiting: (() => void)[] = [];
  private underWay = 0;

  /** Null only for who has left before its turn came. */
  async get<T>(key: string, hasLeft: HasLeft, read: () => Promise<T>): Promise<T | null> {
    const known = this.reads.get(key);
    if (known) known.askers.push(hasLeft);
    const value = (await (known ?? this.begin(key, [hasLeft], read)).value) as T | null;
    // Given up by the others, just before this one came.
    return value === null && !hasLeft() ? this.get(key, hasLeft, read) : value;
  }

  private begin(key: string, askers: HasLeft[], read: () => Promise<unknown>): Read {
    const begun: Read = { askers, value: this.inTurn(async () => (askers.every((left) => left()) ? null : read())) };
    this.reads.set(key, begun);
    begun.value.then(
      (value) => (value === null ? this.reads.delete(key) : this.reads.set(key, begun, { ttl: KEPT_MS })),
      () => this.reads.delete(key),
    );
    return begun;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.underWay++;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.underWay--;
    }
  }
}
