import { Redis } from 'ioredis';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase, testRedis } from '../support/test-database.js';

test('every test database has the schema and none of the rows of another', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const client = new Client({ connectionString: one.url });
  await client.connect();
  const { rows } = await client.query(`select count(*)::int as tables from pg_tables where schemaname = 'public'`);
  await client.end();
  await Promise.all([one.drop(), other.drop()]);
  expect(rows[0].tables).toBeGreaterThan(0);
  expect(one.url).not.toBe(other.url);
});

test('the Redis of the run runs scripts, which BullMQ is made of', async () => {
  const { url, prefix } = testRedis();
  const redis = new Redis(url);
  expect(await redis.eval(`redis.call('set', KEYS[1], ARGV[1]) return redis.call('get', KEYS[1])`, 1, `${prefix}:key`, 'value')).toBe(
    'value',
  );
  await redis.quit();
});
