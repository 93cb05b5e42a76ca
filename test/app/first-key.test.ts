import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp, type App, type RunningConfig, type Started } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { createTestDatabase, testRedis, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
const apps: App[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const app of apps) await app.stop();
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
