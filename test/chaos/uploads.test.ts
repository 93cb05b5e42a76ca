import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { memoryOf } from '../support/processes.js';
import type { Program } from '../support/program.js';
import { countsAgree } from '../support/reckoning.js';
import { csv, numberOf, openUpload, rejectionsOf, type UploadAnswer } from '../support/upload.js';
import { scale } from './scale.js';

/** All that one upload may have, at full size. */
const LINES = scale(1_000_000, 20_000);
/** What a program takes for its first lines says nothing of the next. */
const WARM_UP = scale(50_000, 5_000);
const PIECE = scale(1_000, 100);
/** A column that nobody reads: with it the file is twice as large as the memory that its upload may take. */
const NOTE = 'x'.repeat(scale(300, 9_500));
const MAX_GROWTH = scale(150, 100) * 1024 * 1024;
/** Every tenth line is bad, in one of four ways. */
const BAD = [`12,${NOTE}`, `not a number,${NOTE}`, '+14155550100,"too', `+999999,${NOTE}`];

let site: Deployment;
let api: Program;
beforeAll(async () => {
  site = await Deployment.start();
  api = await site.run('api');
}, 60_000);
afterAll(() => site.stop());

const lineOf = (index: number): string => (index % 10 === 9 ? (BAD[((index / 10) % BAD.length) | 0] ?? '') : `${numberOf(index)},${NOTE}`);

interface Uploaded {
  answer: UploadAnswer;
  /** The most that the process had at any moment, beyond what it had before. */
  grownBy: number;
}

async function uploadLines(lines: number): Promise<Uploaded> {
  const file = openUpload(site.api, { with: { name: `${lines} lines` } });
  const before = await memoryOf(api.process.pid);
  let most = before;
  await file.write('to,note\n');
  for (let sent = 0; sent < lines; sent += PIECE) {
    await file.write(csv(...Array.from({ length: Math.min(PIECE, lines - sent) }, (_, index) => lineOf(sent + index))));
    most = Math.max(most, await memoryOf(api.process.pid));
  }
  file.end();
  return { answer: await file.answer, grownBy: most - before };
}

describe(`an upload of ${LINES} lines, good and bad`, () => {
  test('is taken with bounded memory, and every bad line is told with its number', async () => {
    await uploadLines(WARM_UP);
    const { answer, grownBy } = await uploadLines(LINES);
    expect(answer).toMatchObject({ status: 200, body: { total: LINES, accepted: LINES * 0.9, rejected: LINES / 10 } });
    expect(LINES * NOTE.length).toBeGreaterThan(1.7 * MAX_GROWTH);
    expect(grownBy).toBeLessThan(MAX_GROWTH);
    const report = (await (await rejectionsOf(site.api, answer.body.batchId, '?format=ndjson')).text()).trimEnd().split('\n');
    const told = report.map((line) => (JSON.parse(line) as { line: number }).line);
    expect(told).toEqual(Array.from({ length: LINES / 10 }, (_, index) => 10 * index + 11));
    const [stored] = await site.rows('select count(*)::int as messages from messages where batch_id = $1', [answer.body.batchId]);
    expect(stored).toEqual({ messages: LINES * 0.9 });
    await countsAgree(site.postgres.target);
  }, 560_000);
});
