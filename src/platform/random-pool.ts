import { randomFillSync } from 'node:crypto';

/** Asks the system for randomness once for many values: asking takes longer than most of what the values are for. */
export class RandomPool {
  readonly #pool: Buffer;
  #used: number;

  /** Each value has so many bytes. */
  constructor(private readonly size: number) {
    this.#pool = Buffer.alloc(size * 1024);
    this.#used = this.#pool.length;
  }

  /** Good until a thousand others have been asked for: to be used up at once. */
  next(): Buffer {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#used += this.size;
    return this.#pool.subarray(this.#used - this.size, this.#used);
  }
}
