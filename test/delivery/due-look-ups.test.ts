import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Dispatcher } from '../../src/delivery/dispatch.js';
import { Fallback } from '../../src/delivery/fallback.js';
import { DeliveryWorker } from '../../src/delivery/jobs/delivery.worker.js';
import { LaneQueues } from '../../src/delivery/jobs/lane-queues.js';
import { StatusLookUp } from '../../src/delivery/look-up.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import { startSimulatorServer, type SimulatorServer } from '../../src/delivery/providers/simulator/simulator-server.js';
import { SimulatorProvider } from '../../src/delivery/providers/simulator/simulator.provider.js';
import type { ChargeReader } from '../../src/delivery/charge-reader.js';
import type { Redactions } from '../../src/delivery/redaction.js';
import { Sweep } from '../../src/delivery/sweep.js';
import { sealContent } from '../../src/messages/message-content.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { Secret } from '../../src/secret.js';
import { outcomeSettings, sendingRow, sentRow } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startProviderProxy, type ProviderProxy } from '../support/provider-proxy.js';
import { testRedis } from '../support/test-database.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

const log = pino({ level: 'silent' });
let store: TestStore;
let redis: ReturnType<typeof testRedis>;
let queues: LaneQueues;
let sweep: Sweep;
let lookUp: StatusLookUp;
let workers: DeliveryWorker[];
let simulator: SimulatorServer;
/** Sees every question that comes to the simulator. */
let proxy: ProviderProxy;
let provider: SimulatorProvider;

beforeAll(async () => {
  store = await openTestStore();
  const secret = new Secret('a secret for tests');
  simulator = await startSimulatorServer({ speed: 1, secret, log });
  proxy = await startProviderProxy(simulator.url);
  provider = new SimulatorProvider({ url: proxy.url, secret, publicUrl: () => proxy.url, timeoutMs: 2_000, connections: 8, log });
});
afterAll(async () => {
  await provider.close();
  await proxy.close();
  await simulator.stop();
  await store.close();
});
beforeEach(async () => {
  await sql`truncate messages`.execute(store.db.sql);
  proxy.lookUps.length = 0;
  workers = [];
  redis = testRedis();
  queues = new LaneQueues(redis.url, redis.prefix, log);
  await vi.waitFor(() => queues.ping());
  const { db, acceptance, optOuts, sealer, told } = store;
  const fallback = new Fallback(acceptance, sealer);
  const directory = new ProviderDirectory([provider], {});
  lookUp = new StatusLookUp(db, directory, fallback, optOuts, told, sealer, log, { ...outcomeSettings(), timeoutMs: 2_000 });
  sweep = new Sweep(db, queues, queues, fallback, told, { lookUpAfterMs: 60_000 });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(100)));
  await queues.close();
});

/** Our ids: what the simulator is asked of silent ones holds them as well. */
const asked = (): string[] => proxy.lookUps.map((path) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(path)?.[0] ?? path);

async function due(count: number, made: (overrides: Partial<MessageRow>) => MessageRow): Promise<string[]> {
  const { tenantId, sealer } = store;
  const sealed = sealContent(sealer, tenantId, { to: '+14155550100', from: null, body: 'Hello', mediaUrls: [] });
  const at = new Date(Date.now() - 60_000);
  const overrides = { tenantId, sealed, provider: 'simulator', leaseUntil: at, askedAt: at, sentAt: at };
  const rows = Array.from({ length: count }, () => newId()).map((id) => made({ ...overrides, id, providerMessageId: `sim-${id}` }));
  await store.acceptance.accept({ rows, checks: [], source: 'API', actor: null });
  return rows.map(({ id }) => id);
}
const silent = (count: number) => due(count, (overrides) => sentRow(overrides));
const unanswered = (count: number) =>
  due(count, (overrides) => sendingRow({ ...overrides, status: 'UNCONFIRMED', providerMessageId: null }));

/** Sweeps so often, while every message comes due again in between. */
async function sweepOverAndOver(times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await sweep.run();
    await sql`update messages set lease_until = now() - interval '1 second'`.execute(store.db.sql);
  }
}

function work(): void {
  const options = { url: redis.url, prefix: redis.prefix, log };
  workers.push(
    new DeliveryWorker(
      options,
      { stop() {}, abort() {} } as unknown as Dispatcher,
      lookUp,
      {} as Redactions,
      { stop() {} } as ChargeReader,
      queues,
    ),
  );
}

const waiting = async (): Promise<number> => (await queues.figures()).find(({ name }) => name === 'look-ups')?.waiting ?? -1;

test('while nobody asks, what waits in the queue grows no longer than what is due', async () => {
  await silent(2_500);
  await unanswered(120);
  await sweepOverAndOver(5);
  expect(await waiting()).toBe(50 + 3);
});

test('however long the workers were away, each message is asked about once, and the unanswered first', async () => {
  const [sent, open] = [await silent(300), await unanswered(700)];
  await sweepOverAndOver(5);
  work();
  work();
  await eventually(async () => expect(await waiting()).toBe(0));
  await sweep.run();
  await eventually(async () => expect(await waiting()).toBe(0));
  await eventually(() => expect(asked().length).toBeGreaterThanOrEqual(1_000));
  expect(asked().toSorted()).toEqual([...sent, ...open].toSorted());
  expect(
    asked()
      .slice(0, 500)
      .filter((id) => sent.includes(id)),
  ).toEqual([]);
});

test('a message is asked about again when its time has come again, and only then', async () => {
  const [once, twice] = [await silent(60), await silent(60)];
  work();
  await sweep.run();
  await eventually(() => expect(asked().toSorted()).toEqual([...once, ...twice].toSorted()));
  await eventually(async () => expect((await queues.figures())[3]).toMatchObject({ waiting: 0, active: 0 }));
  await sql`update messages set lease_until = now() - interval '1 second' where id = any(${twice}::uuid[])`.execute(store.db.sql);
  await sweep.run();
  await eventually(() => expect(asked().toSorted()).toEqual([...once, ...twice, ...twice].toSorted()));
});

test('what has been delivered meanwhile is not asked about', async () => {
  const [row] = await silent(1);
  await sweep.run();
  await sql`update messages set status = 'DELIVERED', lease_until = null where id = ${row}`.execute(store.db.sql);
  work();
  await eventually(async () => expect((await queues.figures())[3]).toMatchObject({ waiting: 0, active: 0 }));
  expect(asked()).toEqual([]);
});
