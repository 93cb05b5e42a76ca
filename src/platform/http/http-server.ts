import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import helmet from '@fastify/helmet';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { PROXY_HOPS } from './client-address.js';
import { toHttpError, type HttpError } from './http-error.js';

export interface HttpServerOptions {
  log: Logger;
  trustProxy: boolean;
  bodyLimitBytes: number;
  /** How long a body may take to arrive, unless its route says `longBody`. */
  bodyMs: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route itself looks after senders that fall silent. */
    longBody?: boolean;
  }
}

/** What a caller names a request by, as far as it can stand in a log line. */
const REQUEST_ID = /^[\w.:-]{1,100}$/;

function givenId({ 'x-request-id': id }: IncomingHttpHeaders): string | null {
  return typeof id === 'string' && REQUEST_ID.test(id) ? id : null;
}

export interface HttpServer {
  fastify: FastifyInstance;
  /** From now on connections close after the answer under way. */
  drain: () => void;
}

/** A Fastify instance with request ids, security headers, one log line a request, and one form of errors. */
export async function createHttpServer({ log, trustProxy, bodyLimitBytes, bodyMs }: HttpServerOptions): Promise<HttpServer> {
  // As the type that Fastify's own types are made for, or they fit nothing else.
  const loggerInstance: FastifyBaseLogger = log;
  const fastify = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    trustProxy: trustProxy ? (_address: string, hop: number) => hop < PROXY_HOPS : false,
    bodyLimit: bodyLimitBytes,
    // The longest text of a batch stands in the address, where each of its letters may take nine characters.
    http: { maxHeaderSize: 65_536 },
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => givenId(headers) ?? randomUUID(),
  });
  let draining = false;
  await fastify.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        // The playground's editor runs in workers and styles itself; nothing comes from elsewhere.
        'worker-src': ["'self'", 'blob:'],
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'", 'data:'],
        'connect-src': ["'self'", 'ws:', 'wss:'],
        // Browsers would otherwise turn a server without TLS into one that cannot be reached.
        'upgrade-insecure-requests': null,
      },
    },
  });
  // None is async: each that is costs every request a turn of promises.
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    limitBody(request, reply, bodyMs);
    done();
  });
  // A connection that is busy when the server closes would be kept, and would keep the server from closing.
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) void reply.header('connection', 'close');
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    logAnswer(request, reply);
    done();
  });
  fastify.setErrorHandler((error, request, reply) =>
    sendError(error, request, reply, ({ code, message, details }) => ({ code, message, ...details, requestId: request.id })),
  );
  fastify.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ code: 'NOT_FOUND', message: 'There is nothing at this address.', requestId: request.id }),
  );
  return { fastify, drain: () => void (draining = true) };
}

/** Node's own limit would be one for all routes, and Fastify's for silence would also cut answers that take long. */
function limitBody({ raw, routeOptions, server, log }: FastifyRequest, reply: FastifyReply, bodyMs: number): void {
  const { headers } = raw;
  const hasBody = 'content-length' in headers || 'transfer-encoding' in headers;
  if (!hasBody || routeOptions.config?.longBody) return;
  const timer = setTimeout(() => {
    if (raw.complete) return;
    const error = Object.assign(new Error('The body did not arrive in time.'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    log.info({ method: raw.method, route: routeOptions.url ?? 'none' }, 'a body did not arrive in time');
    // The answer that headers get which do not arrive in time.
    if (!reply.sent) server.server.emit('clientError', error, raw.socket);
    raw.destroy(error);
  }, bodyMs);
  raw.once('close', () => clearTimeout(timer));
}

/** The route and not the address: queries in it may hold personal data. */
function logAnswer(request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'none';
  const line = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
  request.log[route === '/healthz' || route === '/readyz' ? 'debug' : 'info'](line, 'request');
}

/** The answer to a request that failed, in the body's format of that route. Faults of ours are logged. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, body: (error: HttpError) => object): FastifyReply {
  const answer = toHttpError(error);
  if (answer.status >= 500) request.log.error({ err: error }, 'a request failed');
  return reply.code(answer.status).headers(answer.headers).send(body(answer));
}
