import type { Logger } from 'pino';
import { Agent, request } from 'undici';
import { SIGNATURE_HEADER, signatureOf, type SharedSecret } from './simulator-signature.js';
import type { TimerWheel } from './timer-wheel.js';

const POST_TIMEOUT_MS = 15_000;
/** Doubled after every try and not scaled by the simulator's speed: it has to outlast a real restart of the receiver. */
const FIRST_PAUSE_MS = 100;

export interface CallbackSenderOptions {
  secret: SharedSecret;
  timers: TimerWheel;
  log: Logger;
  atOnce?: number;
  tries?: number;
}

/** Posts signed JSON to webhooks, a bounded number at once, and tries again while the receiver is away. */
export class CallbackSender {
  readonly #options: Required<CallbackSenderOptions>;
  readonly #agent: Agent;
  readonly #turnstile: Turnstile;

  constructor(options: CallbackSenderOptions) {
    this.#options = { atOnce: 50, tries: 10, ...options };
    this.#agent = new Agent({ connections: this.#options.atOnce });
    this.#turnstile = new Turnstile(this.#options.atOnce);
  }

  /** Resolves when the receiver took it or it was given up; `about` goes into the log line of the latter. */
  async send(url: string, payload: unknown, about: Record<string, unknown>): Promise<void> {
    const { timers, tries, log } = this.#options;
    const rawBody = JSON.stringify(payload);
    let answer: number | 'none' = 'none';
    for (let tried = 0; tried < tries; tried++) {
      if (tried > 0) await timers.wait(FIRST_PAUSE_MS * 2 ** (tried - 1));
      await this.#turnstile.enter();
      answer = await this.#post(url, rawBody).finally(() => this.#turnstile.leave());
      if (answer === 'none' || answer >= 500 || answer === 429) continue;
      if (answer < 300) return;
      break;
    }
    log.warn({ ...about, answer }, 'simulator gave up a callback');
  }

  /** Cuts what is under way. */
  stop(): Promise<void> {
    return this.#agent.destroy();
  }

  async #post(url: string, rawBody: string): Promise<number | 'none'> {
    try {
      const { statusCode, body } = await request(url, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signatureOf(this.#options.secret, { url, rawBody }) },
        body: rawBody,
        headersTimeout: POST_TIMEOUT_MS,
        bodyTimeout: POST_TIMEOUT_MS,
      });
      await body.dump();
      return statusCode;
    } catch {
      return 'none';
    }
  }
}

interface Waiting {
  enter: () => void;
  next: Waiting | null;
}

/** First come, first served. A linked list, as the queue may grow to hundreds of thousands. */
class Turnstile {
  #first: Waiting | null = null;
  #last: Waiting | null = null;

  constructor(private free: number) {}

  async enter(): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return;
    }
    await new Promise<void>((enter) => {
      const waiting: Waiting = { enter, next: null };
      if (this.#last) this.#last.next = waiting;
      else this.#first = waiting;
      this.#last = waiting;
    });
  }

  leave(): void {
    const waiting = this.#first;
    if (!waiting) {
      this.free++;
      return;
    }
    this.#first = waiting.next;
    if (!this.#first) this.#last = null;
    waiting.enter();
  }
}
