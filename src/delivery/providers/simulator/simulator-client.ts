import { Pool, type Dispatcher } from 'undici';
import type { SharedSecret } from './simulator-signature.js';

export interface SimulatorAnswer {
  status: number;
  retryAfterSeconds: number | undefined;
  /** Undefined when it is not JSON. */
  body: unknown;
}

/** No answer came. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';

  constructor(
    /** TIMEOUT, ABORTED by the caller, or the code of what broke, e.g. ECONNREFUSED. */
    readonly code: string,
    /** False: nothing of the request has left this process, so the simulator cannot know of it. */
    readonly written: boolean,
  ) {
    super(`No answer (${code}).`);
  }
}

export interface SimulatorClientOptions {
  url: string;
  secret: SharedSecret;
  /** For the whole call, the wait for a free connection included. */
  timeoutMs: number;
  connections: number;
}

/** JSON calls over kept connections. They throw CallFailed, and nothing else. */
export class SimulatorClient {
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #headers: Record<string, string>;

  constructor(private readonly options: SimulatorClientOptions) {
    const { origin, pathname } = new URL(options.url);
    // The time-outs of the calls themselves: undici's are coarse and do not cover the wait for a connection.
    this.#pool = new Pool(origin, { connections: options.connections, headersTimeout: 0, bodyTimeout: 0 });
    this.#basePath = pathname.replace(/\/$/, '');
    this.#headers = { authorization: `Bearer ${options.secret.reveal()}`, 'content-type': 'application/json' };
  }

  get(path: string, signal: AbortSignal): Promise<SimulatorAnswer> {
    return this.#call('GET', path, null, signal);
  }

  post(path: string, body: unknown, signal: AbortSignal): Promise<SimulatorAnswer> {
    return this.#call('POST', path, JSON.stringify(body), signal);
  }

  /** Cuts the calls under way. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #call(method: 'GET' | 'POST', path: string, body: string | null, signal: AbortSignal): Promise<SimulatorAnswer> {
    const call = new Call();
    const stop = () => call.giveUp('ABORTED');
    const timer = setTimeout(() => call.giveUp('TIMEOUT'), this.options.timeoutMs);
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      else this.#pool.dispatch({ method, path: this.#basePath + path, headers: this.#headers, body }, call);
      return await call.answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }
}

/** One call. Below undici's `request`, as only here one learns whether a failed call had begun to be written. */
class Call implements Dispatcher.DispatchHandler {
  readonly #settle = Promise.withResolvers<SimulatorAnswer>();
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #givenUp = false;
  #status = 0;
  #retryAfter: string | string[] | undefined;

  get answer(): Promise<SimulatorAnswer> {
    return this.#settle.promise;
  }

  giveUp(code: string): void {
    this.#givenUp = true;
    const failure = new CallFailed(code, this.#controller !== null);
    this.#settle.reject(failure);
    this.#controller?.abort(failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#givenUp) controller.abort(new Error('Given up before it was written.'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#retryAfter = headers['retry-after'];
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const seconds = typeof this.#retryAfter === 'string' && /^\d+$/.test(this.#retryAfter) ? Number(this.#retryAfter) : undefined;
    this.#settle.resolve({ status: this.#status, retryAfterSeconds: seconds, body: jsonOf(Buffer.concat(this.#chunks).toString()) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    this.#settle.reject(new CallFailed(error.code ?? error.name, this.#controller !== null));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
