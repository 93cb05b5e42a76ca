const TICK_MS = 4;

/**
 * Runs things later, on one shared timer and up to a tick late. A timer each costs several times the memory and CPU
 * once a hundred thousand messages are in flight.
 */
export class TimerWheel {
  readonly #due = new Map<number, (() => void)[]>();
  #timer: NodeJS.Timeout | null = null;
  #tick = 0;
  #stopped = false;

  /** Less than a millisecond: at the next turn of the event loop. */
  after(ms: number, run: () => void): void {
    if (this.#stopped) return;
    if (ms < 1) {
      setImmediate(() => this.#stopped || run());
      return;
    }
    const now = performance.now();
    const tick = Math.ceil((now + ms) / TICK_MS);
    const others = this.#due.get(tick);
    if (others) others.push(run);
    else this.#due.set(tick, [run]);
    if (this.#timer) return;
    this.#tick = Math.floor(now / TICK_MS);
    this.#timer = setInterval(() => this.#turn(), TICK_MS);
  }

  /** Never resolves once stopped. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** What is waiting will not run. */
  stop(): void {
    this.#stopped = true;
    this.#due.clear();
    this.#rest();
  }

  #turn(): void {
    const now = Math.floor(performance.now() / TICK_MS);
    for (; this.#tick <= now; this.#tick++) {
      const runs = this.#due.get(this.#tick);
      this.#due.delete(this.#tick);
      runs?.forEach((run) => run());
    }
    if (this.#due.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
