import { Migration } from '@mikro-orm/migrations';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../src/platform/database/migrate.js';
import { MIGRATIONS } from '../../../src/platform/database/migrations/migrations.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

class Widened extends Migration {
  override up(): void {
    this.addSql('alter table tenants add column motto text');
  }
}
const list = [...MIGRATIONS, { name: '9999-widened', class: Widened }];
const QUICK = { timeoutMs: 200, pauseMs: 200, tries: 50 };

let database: TestDatabase;
let reader: Client;
let holder: Client;
beforeEach(async () => {
  database = await createTestDatabase();
  [reader, holder] = [new Client({ connectionString: database.url }), new Client({ connectionString: database.url })];
  await Promise.all([reader.connect(), holder.connect()]);
  // A long report, say: whoever wants to change the table waits for its end.
  await holder.query('begin');
  await holder.query('lock table tenants in access share mode');
});
afterEach(async () => {
  await Promise.all([reader.end(), holder.end()]);
  await database.drop();
});

test('a table in use makes the migration wait, and readers not for longer than its patience', async () => {
  const migrating = migrate(database.url, { list, lockWait: QUICK });
  const slowest = { ms: 0 };
  for (const until = Date.now() + 1_500; Date.now() < until;) {
    const began = Date.now();
    await reader.query('select id from tenants');
    slowest.ms = Math.max(slowest.ms, Date.now() - began);
  }
  await holder.query('commit');
  expect(await migrating).toEqual(['9999-widened']);
  expect(slowest.ms).toBeLessThan(1_000);
  expect((await reader.query('select motto from tenants')).rows).toEqual([]);
});

test('a table that stays in use fails the migration, which changes nothing and runs the next time', async () => {
  await expect(migrate(database.url, { list, lockWait: { ...QUICK, tries: 2 } })).rejects.toMatchObject({ code: '55P03' });
  await expect(reader.query('select motto from tenants')).rejects.toMatchObject({ code: '42703' });
  await holder.query('commit');
  expect(await migrate(database.url, { list, lockWait: QUICK })).toEqual(['9999-widened']);
  expect(await migrate(database.url, { list, lockWait: QUICK })).toEqual([]);
});

test('two processes that start together run each migration once', async () => {
  await holder.query('commit');
  const ran = await Promise.all([migrate(database.url, { list }), migrate(database.url, { list })]);
  expect(ran.flat()).toEqual(['9999-widened']);
});
