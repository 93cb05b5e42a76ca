import { pino, type Logger } from 'pino';
import { buildApp, type App, type RunningConfig } from '../../src/app/build-app.js';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { readConfig } from '../../src/config.js';
import { startSimulatorServer, type SimulatorServer } from '../../src/delivery/providers/simulator/simulator-server.js';
import { Secret } from '../../src/secret.js';
import { gql, type TestApi } from './gql.js';
import { tenantOf, type TestTenant } from './tenants.js';
import { createTestDatabase, testRedis, type TestDatabase } from './test-database.js';

export const TEST_KEY = `hg_demo_${'k'.repeat(32)}`;
const ENCRYPTION_KEY = 'ab'.repeat(32);

export interface TestApp {
  app: App;
  /** As the ADMIN of tenant demo. */
  api: TestApi;
  /** Without a key. */
  nobody: TestApi;
  /** A tenant with a key of every role; made if there is none with this slug. */
  withTenant(slug: string): Promise<TestTenant>;
  url: string;
  simulator: SimulatorServer;
  database: TestDatabase;
  /** What further processes on the same database and Redis need. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Settings under which retries take fractions of a second. */
export const QUICK = {
  SIMULATOR_SPEED: '200',
  PROVIDER_TIMEOUT_SECONDS: '0.5',
  RETRY_OUTAGE_SECONDS: '0.2',
  RETRY_NETWORK_SECONDS: '0.1',
  UNCONFIRMED_GRACE_SECONDS: '0.5',
  DRAIN_SECONDS: '5',
  RATE_LIMIT_PER_MINUTE: '1000000',
  LOG_LEVEL: 'silent',
};

/** One process of the program, whole, with its simulator outside of it so that the simulator's counts survive anything. */
export async function startTestApp(
  env: Record<string, string> = {},
  log: Logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
): Promise<TestApp> {
  const database = await createTestDatabase();
  const redis = testRedis();
  const secret = simulatorSecret(new Secret(ENCRYPTION_KEY));
  const simulator = await startSimulatorServer({
    speed: Number(env['SIMULATOR_SPEED'] ?? QUICK.SIMULATOR_SPEED),
    secret,
    log: pino({ level: 'silent' }),
  });
  const full = {
    ...QUICK,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    ENCRYPTION_KEY,
    BOOTSTRAP_API_KEY: TEST_KEY,
    SIMULATOR_URL: simulator.url,
    PORT: '0',
    ...env,
  };
  const app = await buildApp(readConfig(full) as RunningConfig, log);
  const { url } = await app.start();
  return {
    app,
    api: gql(url ?? '', TEST_KEY),
    nobody: gql(url ?? ''),
    withTenant: (slug) => tenantOf(app.core.accounts, slug, url ?? ''),
    url: url ?? '',
    simulator,
    database,
    env: full,
    stop: async () => {
      await app.stop();
      await simulator.stop();
      await database.drop();
    },
  };
}
