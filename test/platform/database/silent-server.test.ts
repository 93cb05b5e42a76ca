import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENTITIES } from '../../../src/app/build-accounts.js';
import { Tenant } from '../../../src/accounts/tenant.entity.js';
import { Database, isUnavailable } from '../../../src/platform/database/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

const PATIENCE = { connectMs: 200, statementMs: 400 };
const CONNECTIONS = 4;

let database: TestDatabase;
let proxy: TcpProxy;
let db: Database;
beforeEach(async () => {
  database = await createTestDatabase();
  proxy = await startTcpProxy(database.url);
  db = await Database.connect({
    url: proxy.url,
    entities: ENTITIES,
    connections: CONNECTIONS,
    log: pino({ level: 'silent' }),
    patience: PATIENCE,
  });
});
afterEach(async () => {
  await db.close();
  await proxy.close();
  await database.drop();
});

const statement = () => sql`select pg_sleep(0.05)`.execute(db.sql);
const transaction = () => db.transaction((tx) => sql`select pg_sleep(0.05)`.execute(tx));
const throughTheOrm = () => db.emOfAllTenants().find(Tenant, {});

const all = (work: () => Promise<unknown>) => Promise.allSettled(Array.from({ length: CONNECTIONS }, work));

/** One after the other, each as fast as if nothing had been. */
async function inTime(work: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < CONNECTIONS; n++) await work();
}

describe('when the server has vanished without a word', () => {
  test.each([
    ['statement', statement],
    ['transaction', transaction],
    ["statement of the ORM's", throughTheOrm],
  ])('each connection fails one %s, and is not used again', async (_what, work) => {
    await all(work);
    proxy.mute();
    const failures = await all(work);
    const reasons = failures.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(reasons.map(isUnavailable)).not.toContain(false);
    expect(reasons).not.toHaveLength(0);
    await inTime(work);
  });
});

describe('when the server has become one that only reads', () => {
  beforeEach(async () => {
    await transaction();
    // As a demoted one says it, on the connections that are open.
    await sql`set session characteristics as transaction read only`.execute(db.sql);
  });

  test('a write finds it away, once', async () => {
    const write = () => db.transaction((tx) => sql`create table written (id int)`.execute(tx));
    await expect(write()).rejects.toSatisfy(isUnavailable);
    await expect(write()).resolves.toBeDefined();
  });

  test('a write of the ORM finds it away, once', async () => {
    const em = () => db.emOfAllTenants();
    await em().getConnection().execute('set session characteristics as transaction read only');
    const write = () => em().getConnection().execute('create table written (id int)');
    await expect(write()).rejects.toSatisfy(isUnavailable);
    await expect(write()).resolves.toBeDefined();
  });
});
