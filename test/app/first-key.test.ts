import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildApp, type App, type RunningConfig, type Started } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { LIBRARY } from '../../src/templates/library/library.js';
import { createTestDatabase, testRedis, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
const apps: App[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
  await database.drop();
});

async function startAs(ROLES: string): Promise<Started> {
  const { url, prefix } = testRedis();
  const env = { DATABASE_URL: database.url, REDIS_URL: url, REDIS_PREFIX: prefix, ENCRYPTION_KEY: 'ab'.repeat(32), ROLES, PORT: '0' };
  const app = await buildApp(readConfig(env) as RunningConfig, pino({ level: 'silent' }));
  apps.push(app);
  return app.start();
}

test('a worker that starts first makes no key, which nobody would ever see', async () => {
  expect(await startAs('worker')).toEqual({ url: null, tenant: 'demo', apiKey: null });
  const { apiKey } = await startAs('api');
  expect(apiKey?.reveal()).toMatch(/^hg_demo_[\w-]{43}$/);
});

test('the tenant that the first start makes has the library of templates, ready to send', async () => {
  await startAs('api');
  const published = apps.map(({ core }) => sql`select code from templates where state = 'PUBLISHED'`.execute(core.db.sql));
  expect((await Promise.all(published)).map(({ rows }) => rows.length)).toEqual([LIBRARY.length]);
});
