import { Writable } from 'node:stream';
import type { NonEmptyArray } from 'type-graphql';
import { Redis } from 'ioredis';
import { pino, type Logger } from 'pino';
import { bootstrap } from '../../src/accounts/bootstrap.js';
import type { Role } from '../../src/accounts/caller.js';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { buildAccounts, ENTITIES, type Accounts } from '../../src/app/build-accounts.js';
import { buildHttp, type HttpEdge, type HttpOptions } from '../../src/app/build-http.js';
import { buildApiSchema } from '../../src/app/build-schema.js';
import { Database } from '../../src/platform/database/database.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { gql, type TestApi } from '../support/gql.js';
import { createTestDatabase, testRedis } from '../support/test-database.js';

export interface TestEdge {
  url: string;
  db: Database;
  databaseUrl: string;
  accounts: Accounts;
  http: HttpEdge;
  redis: Redis;
  tenantId: string;
  /** What has been logged, a line each. */
  logged: string[];
  metrics: Metrics;
  admin: TestApi;
  /** A new key of the tenant (of demo, unless told otherwise). */
  key(role: Role, options?: { expiresAt?: Date; tenantId?: string; name?: string }): Promise<{ id: string; secret: string; api: TestApi }>;
  anonymous: TestApi;
  stop(): Promise<void>;
}

type Options = Omit<Partial<HttpOptions>, 'resolvers'> & { resolvers?: object[] };

function recordingLog(): { log: Logger; logged: string[] } {
  const logged: string[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      logged.push(String(line));
      done();
    },
  });
  return { log: pino({ level: 'debug' }, stream), logged };
}

/** The HTTP and WebSocket edge with the accounts feature, and further resolvers, over a database and a Redis of its own. */
export async function startEdge({ resolvers = [], ...options }: Options = {}): Promise<TestEdge> {
  const { log, logged } = recordingLog();
  const metrics = new Metrics();
  const database = await createTestDatabase();
  const { url: redisUrl, prefix } = testRedis();
  const redis = new Redis(redisUrl);
  const db = await Database.connect({ url: database.url, entities: ENTITIES, connections: 4, log });
  const accounts = await buildAccounts({ db, bus: null, log });
  const { tenantId, secret } = await bootstrap({ db, ...accounts, setUp: async () => undefined }, { generate: true });
  const instances = new Map([...accounts.resolvers, ...resolvers.map((resolver) => [resolver.constructor, resolver] as const)]);
  const classes = [...instances.keys()] as unknown as NonEmptyArray<Function>;
  const http = await buildHttp({
    log,
    schema: await buildApiSchema({ resolvers: classes, instances }),
    resolvers: instances,
    keys: {
      authenticate: (given, origin) => accounts.authenticator.authenticate(given, origin),
      ended: (keyIds) => accounts.authenticator.endedOfOpen(keyIds),
      onRevoked: (listener) => accounts.events.onRevoked(listener),
    },
    redis,
    redisPrefix: prefix,
    rateLimits: { perKey: 10_000, perIp: 10_000, failuresPerIp: 10_000 },
    checks: { database: () => db.ping(), redis: () => redis.ping() },
    counts: metrics,
    plugins: [],
    corsOrigins: [],
    playgroundDir: null,
    introspection: true,
    trustProxy: false,
    maskErrors: true,
    ...options,
  });
  const url = await http.listen(0, '127.0.0.1');
  return {
    url,
    db,
    databaseUrl: database.url,
    accounts,
    http,
    redis,
    tenantId,
    logged,
    metrics,
    admin: gql(url, secret ?? ''),
    anonymous: gql(url),
    async key(role, { expiresAt, tenantId: owner = tenantId, name = `A ${role} key` } = {}) {
      const made = await accounts.apiKeys.create(systemCaller(owner, 'test'), { name, role, expiresAt });
      return { id: made.apiKey.id, secret: made.secret, api: gql(url, made.secret) };
    },
    async stop() {
      await http.stop(5_000);
      await accounts.close();
      await db.close();
      redis.disconnect();
      await database.drop();
    },
  };
}
