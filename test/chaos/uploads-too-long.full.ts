import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { memoryOf } from '../support/processes.js';
import { openUpload } from '../support/upload.js';

const MOST = 1_000_000;
const PIECE = 10_000;
const MAX_GROWTH = 150 * 1024 * 1024;

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start();
}, 60_000);
afterAll(() => site.stop());

test('of a file of a million and one lines, the last is refused and those before are kept, in bounded memory', async () => {
  const api = await site.run('api');
  const before = await memoryOf(api.process.pid);
  const file = openUpload(site.api, { with: { name: 'too long' } });
  await file.write('to\n');
  // Nobody of them can be sent to, which is quicker to store.
  for (let sent = 0; sent < MOST; sent += PIECE) await file.write('x\n'.repeat(PIECE));
  await file.write('x\n');
  file.end();
  const { status, body } = await file.answer;
  expect({ status, body }).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', message: expect.stringContaining('1,000,000') } });
  expect((await memoryOf(api.process.pid)) - before).toBeLessThan(MAX_GROWTH);
  const [batch] = await site.rows('select total, rejected from batches where id = $1', [body.batchId]);
  expect(batch).toEqual({ total: MOST, rejected: MOST });
}, 560_000);
