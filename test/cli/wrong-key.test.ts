import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { built } from '../support/built.js';
import { createTestDatabase, testRedis, type TestDatabase } from '../support/test-database.js';

const HELIOGRAPH = join(import.meta.dirname, '../../dist/cli/heliograph.js');

let database: TestDatabase;
beforeAll(async () => {
  await built();
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function keysStatus(digit: string): Promise<{ code: unknown; said: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, REDIS_URL: testRedis().url, ENCRYPTION_KEY: digit.repeat(64) };
  const child = spawn(process.execPath, [HELIOGRAPH, 'keys', 'status'], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit', { signal: AbortSignal.timeout(30_000) })]);
  return { code, said };
}

test('a command that no ENCRYPTION_KEY lets in says so, and ends with 1', { timeout: 70_000 }, async () => {
  expect((await keysStatus('0')).code).toBe(0);
  const { code, said } = await keysStatus('1');
  expect({ code, said }).toEqual({
    code: 1,
    said: expect.stringMatching(/^ENCRYPTION_KEY does not open what this database holds\. .+\n$/),
  });
});
