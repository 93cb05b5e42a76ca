import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Admission, type Authenticate } from '../graphql/admission.js';
import { startApollo } from '../graphql/apollo.js';
import type { ErrorFormat } from '../graphql/format-error.js';
import { graphqlRoutes } from '../graphql/graphql.routes.js';
import { OperationGate } from '../graphql/operation-gate.js';
import { DEFAULT_LIMITS, type QueryLimits } from '../graphql/query-limits.js';
import { SocketServer, type SocketServerOptions } from '../graphql/socket-server.js';
import { healthRoutes, type ReadinessChecks } from '../platform/http/health.routes.js';
import { createHttpServer } from '../platform/http/http-server.js';
import { RateLimit } from '../platform/http/rate-limit.js';
import { staticPage } from '../platform/http/static-page.js';
import { forgetting, SILENCE_MS } from '../platform/redis/open-redis.js';
import { instanceOf, type Resolvers } from './build-schema.js';

const GRAPHQL_PATH = '/graphql';

/** 10,000 recipients of a sendBulk, each with a reference and some variables. */
const BODY_LIMIT_BYTES = 4 * 1_048_576;
/** For as much, over a line of 300 kbit/s. */
const BODY_MS = 120_000;
/** A browser need not ask again for so long. */
const PREFLIGHT_SECONDS = 600;

export interface HttpOptions {
  log: Logger;
  schema: GraphQLSchema;
  resolvers: Resolvers;
  keys: {
    authenticate: Authenticate;
    /** Those that are revoked or expired, of keys whose sockets are open. */
    ended(keyIds: string[]): Promise<string[]>;
    onRevoked(listener: (keyId: string) => void): () => void;
  };
  /** Counts requests. A connection of its own is made from it. */
  redis: Redis;
  redisPrefix: string;
  /** Requests a minute. */
  rateLimits: { perKey: number; perIp: number; failuresPerIp: number };
  checks: ReadinessChecks;
  /** Counts what operations fail with by our fault. */
  counts: ErrorFormat['counts'];
  /** Webhooks and the like. */
  plugins: FastifyPluginAsync[];
  /** Routes for API keys beside GraphQL. */
  apiPlugins?: ((admission: Admission) => FastifyPluginAsync)[];
  /** Of web pages that may call GraphQL and the routes for API keys; "*" for all. */
  corsOrigins: readonly string[];
  playgroundDir: string | null;
  introspection: boolean;
  trustProxy: boolean;
  /** Hide the messages of unforeseen errors from callers. */
  maskErrors: boolean;
  bodyLimitBytes?: number;
  bodyMs?: number;
  queryLimits?: Partial<QueryLimits>;
  sockets?: Partial<
    Pick<
      SocketServerOptions,
      'heartbeatMs' | 'revalidateMs' | 'initMs' | 'maxBufferedBytes' | 'patienceMs' | 'maxSocketsPerKey' | 'maxOperations' | 'subscribe'
    >
  >;
}

export interface HttpEdge {
  fastify: FastifyInstance;
  /** Resolves with the URL, once requests are answered. Port 0 takes a free one. */
  listen(port: number, host: string): Promise<string>;
  /** Finishes what is under way, cuts what takes longer than `graceMs`, then closes. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
}

const HASTY = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 500, socketTimeout: SILENCE_MS };

function admissionOf({ redis, redisPrefix, rateLimits, keys }: HttpOptions): { admission: Admission; close: () => void } {
  // A limiter that waits for Redis would turn a slow Redis into a slow API.
  const own = forgetting(redis.duplicate({ ...HASTY, lazyConnect: false }));
  own.on('error', () => undefined);
  const limit = (name: string, perMinute: number): RateLimit => new RateLimit(own, { name, perMinute, prefix: redisPrefix });
  const limits = {
    perIp: limit('ip', rateLimits.perIp),
    perKey: limit('key', rateLimits.perKey),
    failures: limit('failure', rateLimits.failuresPerIp),
  };
  return { admission: new Admission(keys.authenticate, limits), close: () => own.disconnect() };
}

const corsOf = (origins: readonly string[]): FastifyCorsOptions => ({
  origin: [...origins],
  exposedHeaders: ['x-request-id', 'retry-after'],
  maxAge: PREFLIGHT_SECONDS,
});

/** GraphQL over HTTP and WebSocket, health, playground and webhooks, on one port. */
export async function buildHttp(options: HttpOptions): Promise<HttpEdge> {
  const { log, schema, trustProxy, keys } = options;
  const gate = new OperationGate(schema, { ...DEFAULT_LIMITS, ...options.queryLimits }, options.introspection);
  const errors = { log, counts: options.counts, mask: options.maskErrors, suggestions: options.introspection };
  const { admission, close: closeLimits } = admissionOf(options);
  const resolver = instanceOf(options.resolvers);
  const { fastify, drain } = await createHttpServer({
    log,
    trustProxy,
    bodyLimitBytes: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    bodyMs: options.bodyMs ?? BODY_MS,
  });
  const apollo = await startApollo(gate, errors);
  const sockets = new SocketServer({
    path: GRAPHQL_PATH,
    gate,
    errors,
    admission,
    resolver,
    trustProxy,
    endedKeys: (keyIds) => keys.ended(keyIds),
    maxOperations: 100,
    maxMessageBytes: options.bodyLimitBytes,
    ...options.sockets,
  });
  sockets.attach(fastify.server);
  const stopListening = keys.onRevoked((keyId) => sockets.endKey(keyId));

  await fastify.register(async (api) => {
    // Before anybody is asked for a key: a browser's preflight has none, and a page is to be able to read a refusal.
    if (options.corsOrigins.length > 0) await api.register(cors, corsOf(options.corsOrigins));
    await api.register(graphqlRoutes({ path: GRAPHQL_PATH, apollo, admission, resolver }));
    for (const plugin of options.apiPlugins ?? []) await api.register(plugin(admission));
  });
  await fastify.register(healthRoutes(options.checks, log));
  await fastify.register(staticPage('/playground', options.playgroundDir));
  for (const plugin of options.plugins) await fastify.register(plugin);

  const stop = async (graceMs: number): Promise<void> => {
    drain();
    const force = setTimeout(() => fastify.server.closeAllConnections(), graceMs);
    await Promise.all([sockets.stop(graceMs), fastify.close()]);
    clearTimeout(force);
    stopListening();
    await apollo.stop();
    closeLimits();
  };
  let stopped: Promise<void> | undefined;
  return { fastify, listen: (port, host) => fastify.listen({ port, host }), stop: (graceMs) => (stopped ??= stop(graceMs)) };
}
