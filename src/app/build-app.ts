import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { bootstrap } from '../accounts/bootstrap.js';
import { consentRoutes } from '../consent/http/consents.routes.js';
import { webhookRoutes } from '../delivery/http/webhooks.routes.js';
import { queueBoard } from '../delivery/jobs/queue-board.js';
import { DeliveryWorker } from '../delivery/jobs/delivery.worker.js';
import { batchRoutes } from '../messages/http/batches.routes.js';
import { migrate } from '../platform/database/migrate.js';
import { startMetricsServer } from '../platform/metrics/metrics-server.js';
import { metricsRoutes, observeRequests } from '../platform/metrics/metrics.routes.js';
import { warnWithoutRedis } from '../platform/redis/redis-fault.js';
import { installLibrary } from '../templates/library-install.js';
import { startTracing } from '../platform/tracing/start-tracing.js';
import { ClockJobs } from '../platform/scheduler/clock-jobs.js';
import { Secret } from '../secret.js';
import { buildCore, type Core, type RunningConfig } from './build-core.js';
import { buildHttp, type HttpEdge } from './build-http.js';
import { buildApiSchema } from './build-schema.js';
import { countedJobs } from './counted-jobs.js';
import { makeResolvers, RESOLVERS } from './resolvers.js';
import { schedule } from './schedule.js';

export type { RunningConfig } from './build-core.js';

export interface Started {
  /** Where this process listens; null without the role api. */
  url: string | null;
  tenant: string;
  /** The tenant's ADMIN key, if it was made now. */
  apiKey: Secret | null;
}

export interface App {
  core: Core;
  /** Begins to answer, work and sweep, as the roles say. */
  start(): Promise<Started>;
  /** Takes nothing new, finishes what is under way, closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

const POST_MS = 5_000;
const LOCAL = new Set(['127.0.0.1', '[::1]', '0.0.0.0', '[::]']);
/** Of the time to stop: what ends later is cut, and the rest remains to write that down and to close. */
const DRAIN_SHARE = 0.8;
/** Of the time to stop: for so long at most the api listens while workers end. What it has taken by then must still be answered. */
const LISTEN_SHARE = 0.6;

/** The composition root: one process of Heliograph, with the roles that its settings name. */
export async function buildApp(config: RunningConfig, log: Logger): Promise<App> {
  await migrate(config.DATABASE_URL);
  const plays = (role: (typeof config.ROLES)[number]): boolean => config.ROLES.includes(role);
  let listeningOn: string | null = null;
  const publicUrl = (): string => config.PUBLIC_URL ?? listeningOn ?? `http://localhost:${config.PORT}`;
  const core = await buildCore(config, { log, publicUrl, sends: plays('worker') });
  // Known before anybody can ask with it.
  const ownKey = config.BOOTSTRAP_API_KEY ? await firstKey(config, core) : null;
  await installLibrary(core.db.sql);

  let http: HttpEdge | null = null;
  let worker: DeliveryWorker | null = null;
  let clock: ClockJobs | null = null;
  let posting: NodeJS.Timeout | null = null;
  let metricsServer: (() => Promise<void>) | null = null;
  const stopping = new AbortController();
  const stopTracing = config.OTEL_EXPORTER_OTLP_ENDPOINT
    ? startTracing(config.OTEL_EXPORTER_OTLP_ENDPOINT, config.ROLES.join(','), log)
    : null;

  const start = async (): Promise<Started> => {
    void warnWithoutRedis(config.REDIS_URL, log, stopping.signal);
    if (plays('api')) {
      http = await buildEdge(config, core, publicUrl, log);
      const bound = await http.listen(config.PORT, config.HOST);
      listeningOn = originOf(bound);
    }
    if (plays('worker')) {
      worker = new DeliveryWorker(
        { url: config.REDIS_URL, prefix: config.REDIS_PREFIX, log },
        core.dispatcher,
        core.lookUp,
        core.redactions,
        core.charges,
        core.queues,
      );
      posting = setInterval(() => void core.board.post(), POST_MS);
    }
    if (config.METRICS_PORT)
      metricsServer = await startMetricsServer(core.metrics, { port: config.METRICS_PORT, host: config.HOST, checks: checksOf(core), log });
    if (plays('scheduler')) clock = await ClockJobs.start(config.DATABASE_URL, countedJobs(schedule(core), core.metrics), log);
    // Last of all: whoever is told that the port is in use is shown no key, and a first one is made once.
    const apiKey = config.BOOTSTRAP_API_KEY ? ownKey : await firstKey(config, core);
    log.info({ roles: config.ROLES, url: listeningOn }, 'ready');
    return { url: listeningOn, tenant: 'demo', apiKey };
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    const drainMs = config.DRAIN_SECONDS * 1000;
    const graceMs = drainMs * DRAIN_SHARE;
    const began = performance.now();
    if (posting) clearInterval(posting);
    // At once: a clock job that takes long must not use up the time of calls to providers.
    const worked = Promise.all([clock?.stop(graceMs), worker?.stop(graceMs)]);
    // And before the api: receipts of what workers have just sent still find somebody to take them.
    await Promise.race([worked, delay(drainMs * LISTEN_SHARE, undefined, { ref: false })]);
    await Promise.all([worked, http?.stop(graceMs - (performance.now() - began))]);
    await core.close();
    await metricsServer?.();
    // Of what is left of the time: a stop that takes all of it counts as failed.
    await stopTracing?.((drainMs - (performance.now() - began)) / 2);
  };
  let stopped: Promise<void> | undefined;
  return {
    core,
    start,
    stop: () => (stopped ??= stop()),
  };
}

/** Loopback, and all addresses at once, go by the name that people type. */
function originOf(bound: string): string {
  const address = new URL(bound);
  if (LOCAL.has(address.hostname)) address.hostname = 'localhost';
  return address.origin;
}

/** One is generated only by a process that shows it at its start: nobody could read it later. */
async function firstKey({ BOOTSTRAP_API_KEY: own, ROLES }: RunningConfig, { db, accounts }: Core): Promise<Secret | null> {
  if (!own && !ROLES.includes('api')) return null;
  const { audit, apiKeys } = accounts;
  const { secret } = await bootstrap({ db, audit, apiKeys, setUp: installLibrary }, own ? { secret: own.reveal() } : { generate: true });
  return secret === null ? null : new Secret(secret);
}

async function buildEdge(config: RunningConfig, core: Core, publicUrl: () => string, log: Logger): Promise<HttpEdge> {
  const resolvers = makeResolvers(core);
  const schema = await buildApiSchema({ resolvers: [...RESOLVERS], instances: resolvers });
  const redis = new Redis(config.REDIS_URL, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const { RATE_LIMIT_PER_MINUTE: perKey } = config;
  return buildHttp({
    log,
    schema,
    resolvers,
    redis,
    redisPrefix: config.REDIS_PREFIX,
    keys: {
      authenticate: (secret, from) => core.accounts.authenticator.authenticate(secret, from),
      ended: (keyIds) => core.accounts.authenticator.endedOfOpen(keyIds),
      onRevoked: (listener) => core.accounts.events.onRevoked(listener),
    },
    rateLimits: { perKey, perIp: perKey * 2, failuresPerIp: 60 },
    checks: checksOf(core),
    counts: core.metrics,
    plugins: [
      observeRequests(core.metrics),
      metricsRoutes(core.metrics, { localOnly: true }),
      webhookRoutes({ directory: core.directory, intake: core.intake, publicUrl }),
    ],
    apiPlugins: [
      (admission) => batchRoutes(core.uploads, admission, publicUrl),
      (admission) => queueBoard(core.queues.all(), admission),
      (admission) => consentRoutes(core.people.imports, admission),
    ],
    corsOrigins: config.CORS_ORIGINS,
    playgroundDir: playgroundDir(),
    introspection: config.GRAPHQL_INTROSPECTION,
    trustProxy: config.TRUST_PROXY,
    maskErrors: config.NODE_ENV === 'production',
  });
}

const checksOf = ({ db, queues }: Core): Record<string, () => Promise<void>> => ({ database: () => db.ping(), redis: () => queues.ping() });

/** Where `npm run build:playground` leaves the pages; beside the bundle in dist/. */
function playgroundDir(): string | null {
  const candidates = ['./playground', '../dist/playground', '../../dist/playground'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return candidates.find((path) => existsSync(`${path}/index.html`)) ?? null;
}
