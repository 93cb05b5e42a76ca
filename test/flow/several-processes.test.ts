import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { startSimulatorServer, type SimulatorServer } from '../../src/delivery/providers/simulator/simulator-server.js';
import { Secret } from '../../src/secret.js';
import { built } from '../support/built.js';
import { eventually } from '../support/eventually.js';
import { gql, type TestApi } from '../support/gql.js';
import { freePort, startProgram, type Program } from '../support/program.js';
import { QUICK, TEST_KEY } from '../support/test-app.js';
import { createTestDatabase, testRedis, type TestDatabase } from '../support/test-database.js';

const ENCRYPTION_KEY = 'cd'.repeat(32);
const SEND = `mutation ($input: SendBulkInput!) { sendBulk(input: $input) { batch { id } rejected { index } userErrors { code message } } }`;
const CHANGES = `subscription ($filter: MessageFilter, $after: String) { messageStatusChanged(filter: $filter, after: $after) { messageId status cursor } }`;

interface Change {
  messageStatusChanged: { messageId: string; status: string; cursor: string };
}

let database: TestDatabase;
let simulator: SimulatorServer;
let first: TestApi;
let second: TestApi;
let programs: Program[] = [];
let workers: Program[] = [];
let env: Record<string, string>;

beforeAll(async () => {
  await built();
  database = await createTestDatabase();
  const redis = testRedis();
  simulator = await startSimulatorServer({
    speed: 200,
    secret: simulatorSecret(new Secret(ENCRYPTION_KEY)),
    log: pino({ level: 'silent' }),
  });
  const ports = [await freePort(), await freePort()];
  env = {
    ...QUICK,
    LOG_LEVEL: 'info',
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    ENCRYPTION_KEY,
    BOOTSTRAP_API_KEY: TEST_KEY,
    SIMULATOR_URL: simulator.url,
    // Receipts all go to the first api; subscribers sit on the second.
    PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
  };
  const apis = ports.map((port) => startProgram({ ...env, ROLES: 'api', PORT: String(port) }));
  workers = await Promise.all([1, 2].map(() => startProgram({ ...env, ROLES: 'worker,scheduler' })));
  programs = [...(await Promise.all(apis)), ...workers];
  [first, second] = ports.map((port) => gql(`http://127.0.0.1:${port}`, TEST_KEY)) as [TestApi, TestApi];
}, 60_000);

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await simulator.stop();
  await database.drop();
});

async function sendMany(count: number, name: string): Promise<string> {
  const recipients = Array.from({ length: count }, (_, index) => ({ to: `+1415555${String(1000 + index)}`, reference: name }));
  const { sendBulk } = await first.mutate(SEND, { input: { name, body: 'Hello', recipients } });
  expect(sendBulk).toMatchObject({ rejected: [], userErrors: [] });
  return sendBulk.batch.id;
}

const delivered = (batchId: string, count: number): Promise<void> =>
  eventually(async () => {
    const { batch } = await second.query('query ($id: ID!) { batch(id: $id) { status counts { status count } } }', { id: batchId });
    expect(batch).toEqual({ status: 'COMPLETED', counts: [{ status: 'DELIVERED', count }] });
  }, 30_000);

describe('two api and two worker processes on one database and one Redis', () => {
  test('a receipt posted to one api reaches a subscriber on the other, and each message goes out once', async () => {
    const before = simulator.takenTotal();
    const changes = second.subscribe<Change>(CHANGES, { filter: { reference: 'both', status: ['DELIVERED'] } });
    await changes.connected;
    const batchId = await sendMany(500, 'both');
    const seen = new Set((await changes.take(500, 30_000)).map(({ messageStatusChanged: { messageId } }) => messageId));
    expect(seen.size).toBe(500);
    await delivered(batchId, 500);
    expect(simulator.takenTotal() - before).toBe(500);
    await changes.close();
  }, 60_000);

  test('a subscriber whose connection was cut resumes from its cursor and misses nothing', async () => {
    const filter = { reference: 'cut' };
    const changes = second.subscribe<Change>(CHANGES, { filter });
    await changes.connected;
    const batchId = await sendMany(300, 'cut');
    const early = await changes.take(200, 20_000);
    await changes.close();
    await delivered(batchId, 300);
    const resumed = first.subscribe<Change>(CHANGES, { filter, after: early.at(-1)?.messageStatusChanged.cursor });
    const steps = new Set(early.map(({ messageStatusChanged: { messageId, status } }) => messageId + status));
    while (steps.size < 300 * 4) {
      const { messageStatusChanged } = await resumed.next(5_000);
      steps.add(messageStatusChanged.messageId + messageStatusChanged.status);
    }
    expect(steps.size).toBe(1200);
    await resumed.close();
  }, 60_000);

  test('a worker that is killed costs no message and doubles none', async () => {
    const before = simulator.takenTotal();
    const batchId = await sendMany(2_000, 'killed');
    await eventually(() => expect(simulator.takenTotal() - before).toBeGreaterThan(200), 20_000, 5);
    const [victim, survivor] = workers as [Program, Program];
    await victim.stop('SIGKILL');
    programs = programs.filter((program) => program !== victim);
    await delivered(batchId, 2_000);
    expect(simulator.takenTotal() - before).toBe(2_000);
    expect(survivor.process.exitCode).toBeNull();
  }, 120_000);

  test('SIGTERM under load drains: nothing is left UNCONFIRMED', async () => {
    const replacement = await startProgram({ ...env, ROLES: 'worker,scheduler' });
    programs.push(replacement);
    const before = simulator.takenTotal();
    const batchId = await sendMany(2_000, 'drained');
    await eventually(() => expect(simulator.takenTotal() - before).toBeGreaterThan(200), 20_000, 5);
    expect(await replacement.stop('SIGTERM')).toBe(0);
    programs = programs.filter((program) => program !== replacement);
    await delivered(batchId, 2_000);
    const { messages } = await first.query(
      'query ($filter: MessageFilter) { messages(filter: $filter, first: 1) { nodes { events { status } } } }',
      {
        filter: { batchId },
      },
    );
    expect(messages.nodes[0].events.map(({ status }: { status: string }) => status)).not.toContain('UNCONFIRMED');
    expect(simulator.takenTotal() - before).toBe(2_000);
  }, 120_000);
});
