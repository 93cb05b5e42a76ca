import { AsyncLocalStorage } from 'node:async_hooks';
import { escape, stringify, type ParsedUrlQueryInput } from 'node:querystring';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import { type Dispatcher, Pool } from 'undici';

/** One call of ours: what the SDK has no parameter for, and what its errors do not tell. */
export interface TwilioCall {
  signal: AbortSignal;
  /** From the moment a byte may have left: Twilio may have acted from then on. */
  written: boolean;
  /** From the header of the last answer. */
  retryAfterSeconds?: number;
}

/** No answer came. Carries a code only: the errors of HTTP libraries hold headers, and so our credentials. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** "TIMEOUT", "ABORTED", or the code of Node or undici, e.g. "ECONNREFUSED". */
  constructor(readonly code: string) {
    super(`Twilio did not answer (${code}).`);
  }
}

interface Answer {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

interface TwilioHttpClientOptions {
  origin: string;
  accountSid: string;
  authToken: string;
  /** For one exchange, waiting for a free connection included. */
  timeoutMs: number;
  connections: number;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Under the SDK in place of its axios: keeps connections, takes an AbortSignal, ignores proxy variables, knows whether
 * a request was written, remembers and logs nothing.
 */
export class TwilioHttpClient {
  readonly #calls = new AsyncLocalStorage<TwilioCall>();
  readonly #authorization: string;
  readonly #origin: string;
  readonly #timeoutMs: number;
  readonly #pool: Pool;
  #closed: Promise<void> | undefined;

  constructor({ origin, accountSid, authToken, timeoutMs, connections }: TwilioHttpClientOptions) {
    this.#authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    this.#origin = origin;
    this.#timeoutMs = timeoutMs;
    this.#pool = new Pool(origin, {
      connections,
      connectTimeout: timeoutMs,
      // Exchange has one timer for the whole: undici's are per phase and a second coarse.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: MAX_ANSWER_BYTES,
      // One request a connection, so that a connection that breaks leaves one message in doubt and not a hundred.
      allowH2: false,
    });
  }

  /** Requests that the SDK makes within `work` belong to `call`. */
  during<T>(call: TwilioCall, work: () => Promise<T>): Promise<T> {
    return this.#calls.run(call, work);
  }

  /** Called by the SDK. Throws NoAnswer. */
  request({ method, uri, headers = {}, params, data }: RequestClient.RequestOptions): Promise<Answer> {
    const call = this.#calls.getStore();
    if (!call) throw new Error('A Twilio request outside of during().');
    if (!uri.startsWith(`${this.#origin}/`)) throw new Error('A Twilio request to a foreign address.');
    const path = uri.slice(this.#origin.length) + (params ? `?${encoded(params)}` : '');
    return new Promise((resolve, reject) => {
      if (call.signal.aborted) return reject(new NoAnswer('ABORTED'));
      this.#pool.dispatch(
        {
          path,
          method: method.toUpperCase(),
          headers: { ...headers, authorization: this.#authorization },
          body: data ? encoded(data) : null,
        },
        new Exchange(call, this.#timeoutMs, resolve, reject),
      );
    });
  }

  /** Waits for running requests; they end by their time-out. */
  close(): Promise<void> {
    return (this.#closed ??= this.#pool.close());
  }
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #statusCode = 0;
  #headers: Answer['headers'] = {};

  constructor(
    readonly call: TwilioCall,
    timeoutMs: number,
    readonly resolve: (answer: Answer) => void,
    readonly reject: (error: NoAnswer) => void,
  ) {
    this.#timer = setTimeout(() => this.#stop('TIMEOUT'), timeoutMs);
    call.signal.addEventListener('abort', this.#aborted, { once: true });
  }

  /** The connection is there and the request is about to be written; a queued one never gets here. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) return controller.abort(new NoAnswer('ABORTED'));
    this.#controller = controller;
    this.call.written = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: Answer['headers']): void {
    this.#statusCode = statusCode;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    this.call.retryAfterSeconds = secondsOf(this.#headers['retry-after']);
    this.resolve({ statusCode: this.#statusCode, headers: this.#headers, body: Buffer.concat(this.#chunks).toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error & { code?: string }): void {
    if (this.#settle()) this.reject(new NoAnswer(error.code ?? error.name));
  }

  readonly #aborted = (): void => this.#stop('ABORTED');

  #stop(code: string): void {
    if (!this.#settle()) return;
    this.reject(new NoAnswer(code));
    this.#controller?.abort(new NoAnswer(code));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.call.signal.removeEventListener('abort', this.#aborted);
    return true;
  }
}

/**
 * Half a surrogate pair cannot be encoded: without toWellFormed it is garbled, or throws, and what throws before a request
 * is an outage of Twilio to everybody.
 */
const encoded = (fields: object): string =>
  stringify(fields as ParsedUrlQueryInput, '&', '=', { encodeURIComponent: (text) => escape(text.toWellFormed()) });

/** Retry-After: seconds, or an HTTP date. */
function secondsOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - Date.now()) / 1000));
}
