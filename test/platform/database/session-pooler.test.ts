import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Tenant } from '../../../src/accounts/tenant.entity.js';
import { ENTITIES } from '../../../src/app/build-accounts.js';
import { Database, isUnavailable } from '../../../src/platform/database/database.js';
import { migrate } from '../../../src/platform/database/migrate.js';
import { MIGRATIONS } from '../../../src/platform/database/migrations/migrations.js';
import { ClockJobs } from '../../../src/platform/scheduler/clock-jobs.js';
import { startSessionPooler, type SessionPooler } from '../../support/session-pooler.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const log = pino({ level: 'silent' });
const PATIENCE = { connectMs: 2_000, statementMs: 7_000 };

let database: TestDatabase;
let pooler: SessionPooler;
beforeEach(async () => {
  database = await createTestDatabase();
  pooler = await startSessionPooler(database.url);
});
afterEach(async () => {
  await pooler.close();
  await database.drop();
});

const connected = (url: string, patience = PATIENCE): Promise<Database> =>
  Database.connect({ url, entities: ENTITIES, connections: 2, log, patience });

async function runsOfTheClock(url: string): Promise<number> {
  let runs = 0;
  const ran = Promise.withResolvers<void>();
  const run = async () => ran.resolve(void runs++);
  const clock = await ClockJobs.start(url, [{ name: 'tick', every: 1, purpose: 'ticks', run }], log);
  await ran.promise;
  await clock.stop(1_000);
  return runs;
}

test('behind a pooler that works by session, the schema is brought up to date', async () => {
  await expect(migrate(pooler.url, { list: MIGRATIONS })).resolves.toEqual([]);
});

test('behind a pooler that works by session, the clock runs', async () => {
  expect(await runsOfTheClock(pooler.url)).toBeGreaterThan(0);
});

test('beside options of DATABASE_URL, the clock runs', async () => {
  expect(await runsOfTheClock(`${database.url}?options=-c%20work_mem%3D8MB`)).toBeGreaterThan(0);
});

test('behind a pooler that works by session, the server ends what takes too long', async () => {
  const db = await connected(pooler.url);
  const limits = sql<object>`select current_setting('statement_timeout') as a, current_setting('idle_in_transaction_session_timeout') as b`;
  expect((await limits.execute(db.sql)).rows).toEqual([{ a: '7s', b: '7s' }]);
  const em = db.emOfAllTenants();
  expect(await em.getConnection().execute('show statement_timeout')).toEqual([{ statement_timeout: '7s' }]);
  expect(await em.count(Tenant, {})).toBeTypeOf('number');
  await db.close();
});

test('a connection that does not take its limits is not used', async () => {
  const db = await connected(database.url, { ...PATIENCE, statementMs: -2 });
  for (let time = 0; time < 2; time++) {
    await expect(db.ping()).rejects.toMatchObject({ code: '22023' });
    await expect(db.emOfAllTenants().count(Tenant, {})).rejects.toMatchObject({ code: '22023' });
  }
  await db.close();
});

test('a server that lets us in and then says nothing is given no longer than to connect', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    // "You are in" and "ask".
    socket.once('data', () => socket.write('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  const db = await connected(`postgres://me@127.0.0.1:${port}/x`, { connectMs: 200, statementMs: 60_000 });
  await expect(db.ping()).rejects.toSatisfy(isUnavailable);
  await db.close();
  expect(sockets).toHaveLength(1);
  await once(server.close(), 'close');
});
