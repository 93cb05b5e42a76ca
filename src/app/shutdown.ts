import type { Logger } from 'pino';

/** Ends the process in order: what was started last stops first. A second signal ends it at once. */
export class Shutdown {
  readonly #stops: (() => Promise<void>)[] = [];
  #begun = false;

  constructor(private readonly log: Logger) {}

  /** True once the process is about to end: what fails from then on need not be told. */
  get begun(): boolean {
    return this.#begun;
  }

  listen(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (this.#begun) process.exit(1);
        this.log.info({ signal }, 'Stopping when what is under way has ended; once more stops at once');
        void this.end(0);
      });
    // Rejections that nobody handles come here too.
    process.on('uncaughtException', (error) => {
      this.log.fatal({ err: error }, 'An unforeseen error: stopping');
      void this.end(1);
    });
  }

  /** Passes on what is starting. At the end it is given so many seconds to stop, even if it had not started until then. */
  async own<T extends { stop(): Promise<void> }>(name: string, starting: Promise<T>, seconds: number): Promise<T> {
    this.#stops.push(async () => {
      const stopped = starting.then(
        (started) => started.stop(),
        () => undefined,
      );
      await within(seconds, name, stopped);
    });
    return starting;
  }

  /** Does not return: the process exits, with 1 instead of 0 when something did not stop. */
  async end(code: number): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    let exitCode = code;
    for (const stop of this.#stops.toReversed())
      await stop().catch((error: unknown) => {
        exitCode ||= 1;
        this.log.error({ err: error }, 'Not everything has stopped in order');
      });
    process.exit(exitCode);
  }
}

async function within(seconds: number, name: string, stopped: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} did not stop within ${seconds} s`)), seconds * 1000);
  });
  await Promise.race([stopped, late]).finally(() => clearTimeout(timer));
}
