import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage as HttpRequest, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { CallbackSender } from './callback-sender.js';
import { stateOf, type SimulatedCarrier } from './simulated-carrier.js';
import type { SimulatorLedger } from './simulator-ledger.js';
import { IncomingRequest, MessageRequest, type Incoming, type MessageNotFound, type Problem } from './simulator-protocol.js';
import type { SharedSecret } from './simulator-signature.js';
import type { TimerWheel } from './timer-wheel.js';

const MAX_BODY_BYTES = 64 * 1024;

/** Becomes an answer of 4xx. */
class BadCall extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }
}

/**
 * The simulator's HTTP interface; all but GET /healthz needs `Authorization: Bearer <secret>`:
 * POST /messages · GET /messages/:sid · POST /messages/:sid/redact · GET /messages?id=…&attempt=… · GET /counts · GET /counts?id=… · POST /incoming
 */
export class SimulatorRoutes {
  readonly #authorizations: Buffer[];
  #incomingUrl: string | null = null;

  constructor(
    private readonly parts: {
      /** Any of which callers may present. */
      secrets: readonly SharedSecret[];
      ledger: SimulatorLedger;
      timers: TimerWheel;
      callbacks: CallbackSender;
      carrier: SimulatedCarrier;
      log: Logger;
    },
  ) {
    this.#authorizations = parts.secrets.map((secret) => Buffer.from(`Bearer ${secret.reveal()}`));
  }

  /** Never rejects. */
  async handle(request: HttpRequest, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      if (error instanceof BadCall) return answer(response, error.status, error.problem);
      // An answer of 500 would promise that nothing was taken.
      this.parts.log.error({ err: error }, 'simulator failed on a call');
      response.destroy();
    }
  }

  async #route(request: HttpRequest, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = URL.parse(request.url ?? '', 'http://simulator') ?? badUrl();
    if (pathname === '/healthz') return answer(response, 200, { status: 'ok' });
    this.#authorise(request);
    const route = `${request.method} ${pathname}`;
    switch (route) {
      case 'POST /messages':
        return this.#send(await read(request, MessageRequest), response);
      case 'POST /incoming':
        return this.#receive(await read(request, IncomingRequest), response);
      case 'GET /messages':
        return this.#lookUp(byOurId(searchParams), response);
      case 'GET /counts':
        return answer(response, 200, this.#counts(searchParams.get('id')));
    }
    const [, sid] = /^GET \/messages\/([\w-]+)$/.exec(route) ?? [];
    if (sid) return this.#lookUp({ sid }, response);
    const [, redacted] = /^POST \/messages\/([\w-]+)\/redact$/.exec(route) ?? [];
    if (redacted) return this.#redact(redacted, response);
    throw new BadCall(404, { code: 'no_such_route', message: 'There is no such route.' });
  }

  #send(request: MessageRequest, response: ServerResponse): void {
    this.#incomingUrl = request.incomingUrl ?? this.#incomingUrl;
    const verdict = this.parts.carrier.handle(request);
    if (verdict.whenOver) response.once('close', verdict.whenOver);
    const given = verdict.answer;
    if (given === 'none') return;
    const headers: Record<string, string> = given.retryAfterSeconds === undefined ? {} : { 'retry-after': String(given.retryAfterSeconds) };
    const reply = () => answer(response, given.status, given.body, headers);
    if (verdict.afterMs < 1) reply();
    else this.parts.timers.after(verdict.afterMs, reply);
  }

  #receive({ incomingUrl = this.#incomingUrl ?? undefined, ...message }: IncomingRequest, response: ServerResponse): void {
    if (!incomingUrl)
      throw new BadCall(400, { code: 'invalid_request', message: 'incomingUrl is missing, and no message has told one yet.' });
    const incoming: Incoming = { sid: `sim-${randomUUID()}`, ...message };
    void this.parts.callbacks.send(incomingUrl, incoming, { providerMessageId: incoming.sid });
    answer(response, 202, { sid: incoming.sid });
  }

  /** What it does not remember is forgotten. */
  #redact(sid: string, response: ServerResponse): void {
    this.parts.ledger.redact(sid);
    answer(response, 200, {});
  }

  #lookUp(wanted: Parameters<SimulatorLedger['find']>[0], response: ServerResponse): void {
    const { ledger } = this.parts;
    const message = ledger.find(wanted);
    if (message) return answer(response, 200, stateOf(message));
    const notFound: MessageNotFound = { code: 'not_found', message: 'There is no such message.', remembersSince: ledger.remembersSince };
    answer(response, 404, notFound);
  }

  #counts(id: string | null): { asked: number; taken: number } {
    return id === null ? this.parts.ledger.total : this.parts.ledger.countsOf(id);
  }

  #authorise(request: HttpRequest): void {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (!this.#authorizations.some((known) => known.length === given.length && timingSafeEqual(known, given)))
      throw new BadCall(401, { code: 'unauthorized', message: 'The bearer token is missing or wrong.' });
  }
}

function badUrl(): never {
  throw new BadCall(400, { code: 'invalid_request', message: 'The URL is not one.' });
}

function byOurId(parameters: URLSearchParams): { id: string; attempt?: number } {
  const id = parameters.get('id');
  const attempt = parameters.get('attempt');
  if (id === null) throw new BadCall(400, { code: 'invalid_request', message: 'id is missing.' });
  return { id, attempt: attempt === null ? undefined : Number(attempt) };
}

async function read<T extends z.ZodType>(request: HttpRequest, shape: T): Promise<z.output<T>> {
  const text = await textOf(request);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new BadCall(400, { code: 'invalid_request', message: 'The body is not JSON.' });
  }
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'body');
  throw new BadCall(400, { code: 'invalid_request', message: `Missing or wrong: ${fields.join(', ')}.` });
}

function textOf(request: HttpRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => {
      if (bytes <= MAX_BODY_BYTES) resolve(Buffer.concat(chunks).toString());
      else reject(new BadCall(413, { code: 'too_large', message: 'The body is too large.' }));
    });
  });
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}
