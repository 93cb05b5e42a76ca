import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp, type RunningConfig } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { createTestDatabase, testRedis } from '../support/test-database.js';

test('the address that the start prints is one at which it listens', async () => {
  const database = await createTestDatabase();
  const { url, prefix } = testRedis();
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: url,
    REDIS_PREFIX: prefix,
    ENCRYPTION_KEY: 'ab'.repeat(32),
    ROLES: 'api',
    PORT: '0',
  };
  const app = await buildApp(readConfig({ ...env, HOST: '127.0.0.2' }) as RunningConfig, pino({ level: 'silent' }));
  onTestFinished(() => app.stop().then(() => database.drop()));
  const started = await app.start();
  expect((await fetch(`${started.url}/healthz`)).status).toBe(200);
});
