import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numberOf, numbers, openUpload, upload } from '../support/upload.js';

const MIB = 1024 * 1024;

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

/** So many bytes of one character, packed piece by piece. */
async function bomb(head: string, character: string, bytes: number): Promise<Buffer> {
  const gzip = createGzip();
  const packed: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => packed.push(piece));
  gzip.write(head);
  const piece = Buffer.alloc(MIB, character);
  for (let written = 0; written < bytes; written += MIB) if (!gzip.write(piece)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(packed);
}

const GZIP = { headers: { 'content-encoding': 'gzip' } };

describe('an upload', () => {
  test('makes its sender wait while the database cannot take more', async () => {
    const lock = new Client({ connectionString: run.database.url });
    await lock.connect();
    await lock.query('begin');
    await lock.query('lock table messages in exclusive mode');
    const sending = openUpload(run.api, { with: { name: 'waiting' } });
    const count = 400_000;
    let [written, line] = [0, 0];
    for (let taken = true; taken && line < count;) {
      const piece = `${line === 0 ? 'to,reference\n' : ''}${csv(...numbers(500, line).map((to) => `${to},${'x'.repeat(200)}`))}`;
      taken = await Promise.race([
        sending.write(piece).then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 1_000, false)),
      ]);
      written += piece.length;
      line += 500;
    }
    expect(written).toBeLessThan(16 * MIB);
    expect(await rowsOf(run, `select from batches where name = 'waiting'`)).toEqual([]);
    await lock.query('commit');
    await lock.end();
    sending.end();
    expect((await sending.answer).body).toMatchObject({ total: line, accepted: line });
  }, 60_000);

  test('of a file that is one line of 300 MiB, packed into little, takes no memory', async () => {
    const packed = await bomb('to\n', 'x', 300 * MIB);
    expect(packed.length).toBeLessThan(MIB);
    const before = process.memoryUsage().rss;
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 20);
    const { body } = await upload(run.api, packed, GZIP);
    clearInterval(sampling);
    expect(body.rejections).toEqual([{ line: 2, to: '', code: 'INVALID_INPUT', message: 'The line is longer than 16,384 characters.' }]);
    expect(most).toBeLessThan(150 * MIB);
  }, 60_000);

  test.each([
    ['more than 512 MiB', 'x', 513 * MIB, 'The file is larger than 512 MiB.'],
    ['more than 4,000,000 lines', '\n', 5 * MIB, 'The file has more than 4,000,000 lines.'],
  ])(
    'of %s is refused, and nothing is stored',
    async (_what, character, bytes, message) => {
      const untouched = await footprint(run);
      const { status, body } = await upload(run.api, await bomb('to\n', character, bytes), GZIP);
      expect([status, body.code, body.message]).toEqual([400, 'BAD_USER_INPUT', message]);
      expect(await footprint(run)).toEqual(untouched);
    },
    60_000,
  );

  test('of a line with thousands of values is reported, and the next is taken', async () => {
    const { body } = await upload(run.api, csv('to', ','.repeat(16_000), numberOf(1), `"${'"",""'.repeat(2_000)}"`));
    expect(body).toMatchObject({ total: 2, accepted: 1, rejections: [{ line: 4 }] });
  });

  test('of an externalId that the database cannot store is reported, and the other lines are taken', async () => {
    const { body } = await upload(run.api, csv('to,externalId', ',a\0b', `${numberOf(4)},`));
    expect(body).toMatchObject({ total: 2, accepted: 1, rejections: [{ line: 2, code: 'NOT_FOUND' }] });
  });

  test('of references that the database cannot store is reported line by line', async () => {
    const { body } = await upload(
      run.api,
      csv('to,reference', `${numberOf(1)},a\0b`, `${numberOf(2)},${'x'.repeat(256)}`, `${numberOf(3)},c`),
    );
    expect(body).toMatchObject({
      total: 3,
      accepted: 1,
      rejections: [
        { line: 2, code: 'INVALID_INPUT' },
        { line: 3, code: 'INVALID_INPUT' },
      ],
    });
  });
});
