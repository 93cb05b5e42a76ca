import { Client } from 'pg';
import { pino } from 'pino';
import { buildAccounts, ENTITIES } from '../../src/app/build-accounts.js';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { startSimulatorServer, type SimulatorServer } from '../../src/delivery/providers/simulator/simulator-server.js';
import { Database } from '../../src/platform/database/database.js';
import { Secret } from '../../src/secret.js';
import { built } from './built.js';
import { eventually } from './eventually.js';
import { gql, type TestApi } from './gql.js';
import { freePort, startProgram, type Program } from './program.js';
import { startProviderProxy, type ProviderProxy } from './provider-proxy.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { QUICK, TEST_KEY } from './test-app.js';
import { tenantOf, type TestTenant } from './tenants.js';
import { createTestDatabase, testRedis, type TestDatabase } from './test-database.js';

const ENCRYPTION_KEY = 'cd'.repeat(32);
const SEND_BULK = `mutation ($input: SendBulkInput!) { sendBulk(input: $input) { batch { id } rejected { index code message } userErrors { code message } } }`;
const BATCH = 'query ($id: ID!) { batch(id: $id) { status counts { status count } } }';

export interface OwnServers {
  database: TestDatabase;
  redis: { url: string; prefix: string };
}

export type Counts = Record<string, number>;

/** Several processes of the built program, with a proxy before each thing that they depend on. */
export class Deployment {
  readonly programs = new Set<Program>();
  api!: TestApi;
  private readonly ports = new Map<Program, number>();

  private constructor(
    readonly database: TestDatabase,
    readonly simulator: SimulatorServer,
    readonly provider: ProviderProxy,
    readonly postgres: TcpProxy,
    readonly redis: TcpProxy,
    readonly env: Record<string, string>,
    readonly apiPort: number,
  ) {}

  /** On the servers of the run, unless it gets its own. */
  static async start(env: Record<string, string> = {}, own?: OwnServers): Promise<Deployment> {
    await built();
    const { database, redis } = own ?? { database: await createTestDatabase(), redis: testRedis() };
    const simulator = await startSimulatorServer({
      speed: 200,
      secret: simulatorSecret(new Secret(ENCRYPTION_KEY)),
      log: pino({ level: 'silent' }),
    });
    const [provider, postgres, redisProxy, apiPort] = await Promise.all([
      startProviderProxy(simulator.url),
      startTcpProxy(database.url),
      startTcpProxy(redis.url),
      freePort(),
    ]);
    const settings = {
      ...QUICK,
      LOG_LEVEL: 'info',
      DATABASE_URL: postgres.url,
      REDIS_URL: redisProxy.url,
      REDIS_PREFIX: redis.prefix,
      ENCRYPTION_KEY,
      BOOTSTRAP_API_KEY: TEST_KEY,
      SIMULATOR_URL: provider.url,
      PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
      PROVIDER_TIMEOUT_SECONDS: '1',
      ...env,
    };
    return new Deployment(database, simulator, provider, postgres, redisProxy, settings, apiPort);
  }

  async run(roles: string, env: Record<string, string> = {}): Promise<Program> {
    const isApi = roles.includes('api');
    const port = isApi && !env['PORT'] ? this.apiPort : Number(env['PORT'] ?? 0);
    const program = await startProgram({ ...this.env, ROLES: roles, PORT: String(port), ...env });
    this.programs.add(program);
    this.ports.set(program, port);
    if (isApi && port === this.apiPort) this.api = gql(`http://127.0.0.1:${port}`, TEST_KEY);
    return program;
  }

  async kill(program: Program, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    this.programs.delete(program);
    return program.stop(signal);
  }

  /** A client for a tenant of its own, made if there is none with this slug. */
  async tenant(slug: string): Promise<TestTenant> {
    const log = pino({ level: 'silent' });
    const db = await Database.connect({ url: this.postgres.target, entities: ENTITIES, connections: 2, log });
    const accounts = await buildAccounts({ db, bus: null, log });
    try {
      return await tenantOf(accounts, slug, `http://127.0.0.1:${this.apiPort}`);
    } finally {
      await accounts.close();
      await db.close();
    }
  }

  /** Accepts so many messages, to be found by `reference`; returns the batch's id. */
  async send(count: number, reference: string, api = this.api): Promise<string> {
    const recipients = Array.from({ length: count }, (_, index) => ({
      to: `+1415555${String(index % 10_000).padStart(4, '0')}`,
      reference,
    }));
    const { sendBulk } = await api.mutate(SEND_BULK, { input: { name: reference, body: 'Hello', recipients } });
    if (!sendBulk.batch) throw new Error(JSON.stringify(sendBulk));
    return sendBulk.batch.id;
  }

  async counts(batchId: string): Promise<Counts> {
    const { batch } = await this.api.query(BATCH, { id: batchId });
    return Object.fromEntries(batch.counts.map(({ status, count }: { status: string; count: number }) => [status, count]));
  }

  /** Rows of the database, past the proxy. */
  async rows<T extends object>(statement: string, values: unknown[] = []): Promise<T[]> {
    const client = new Client({ connectionString: this.postgres.target });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(statement, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Resolves when every message of the batch is DELIVERED. */
  async delivered(batchId: string, count: number, timeoutMs = 60_000): Promise<void> {
    await eventually(
      async () => {
        const counts = await this.counts(batchId);
        if (counts['DELIVERED'] !== count || Object.keys(counts).length !== 1) throw new Error(`not yet: ${JSON.stringify(counts)}`);
      },
      timeoutMs,
      200,
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.programs].map((program) => program.stop('SIGKILL')));
    await this.provider.close();
    await this.simulator.stop();
    await Promise.all([this.postgres.close(), this.redis.close()]);
    await this.database.drop();
  }
}
