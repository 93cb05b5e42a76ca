import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { memoryOf } from '../support/processes.js';
import { openUpload, type UploadAnswer } from '../support/upload.js';

const MOST = 1_000_000;
const PIECE = 10_000;
const MAX_GROWTH = 150 * 1024 * 1024;

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start();
}, 60_000);
afterAll(() => site.stop());

/** Nobody of them can be sent to, which is quicker to store. Returns the answer. */
async function upload(lines: number): Promise<UploadAnswer> {
  const file = openUpload(site.api, { with: { name: `${lines} lines` } });
  await file.write('to\n');
  for (let sent = 0; sent < lines; sent += PIECE) await file.write('x\n'.repeat(Math.min(PIECE, lines - sent)));
  file.end();
  return file.answer;
}

test('of a file of a million and one lines, the last is refused and those before are kept, in bounded memory', async () => {
  const api = await site.run('api');
  expect((await upload(MOST / 10)).status).toBe(200);
  const before = await memoryOf(api.process.pid);
  const { status, body } = await upload(MOST + 1);
  expect({ status, body }).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', message: expect.stringContaining('1,000,000') } });
  expect((await memoryOf(api.process.pid)) - before).toBeLessThan(MAX_GROWTH);
  const [batch] = await site.rows('select total, rejected from batches where id = $1', [body.batchId]);
  expect(batch).toEqual({ total: MOST, rejected: MOST });
}, 560_000);
