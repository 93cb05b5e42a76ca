import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { inSeconds } from '../support/given.js';
import { onBatch } from '../support/operations.js';
import { endsWell } from '../support/reckoning.js';
import { csv, numbers, openUpload, upload } from '../support/upload.js';

const DUE = 50_000;
const SIZE = 3_000;

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start({ PROVIDER_TIMEOUT_SECONDS: '10' });
  await site.run('api');
  const { admin: other } = await site.tenant('other');
  await upload(other, csv('to', ...numbers(DUE)), { with: { name: 'falls due', sendAt: inSeconds(3_600) } });
  await site.run('worker,scheduler');
}, 240_000);
afterAll(() => site.stop());

/** How many messages of the batch match. */
async function countOf(name: string, condition: string): Promise<number> {
  const statement = `select count(*)::int as count from messages m join batches b on b.id = m.batch_id where b.name = $1 and ${condition}`;
  return (await site.rows<{ count: number }>(statement, [name]))[0]?.count ?? NaN;
}

/** A batch of which most was accepted while it was paused. */
async function held(name: string): Promise<string> {
  const sending = openUpload(site.api, { with: { name } });
  await sending.write(csv('to', ...numbers(1_000)));
  const id = await eventually(async () => {
    const [batch] = await site.rows<{ id: string }>('select id from batches where name = $1', [name]);
    expect(batch).toBeDefined();
    return batch?.id ?? '';
  });
  await site.api.mutate(onBatch('pauseBatch'), { id });
  await sending.write(csv(...numbers(SIZE - 1_000, 1_000)));
  sending.end();
  await sending.answer;
  await eventually(async () => expect(await countOf(name, `m.status = 'QUEUED' and m.hint_at is not null`)).toBe(0), 60_000);
  return id;
}

/** From the request to the first claim after it, and what was claimed of others meanwhile. */
async function resume(id: string): Promise<{ ms: number; beside: number }> {
  const asked = new Date();
  await site.api.mutate(onBatch('resumeBatch'), { id });
  return eventually(async () => {
    const [found] = await site.rows<{ ms: number; beside: number }>(
      `with claims as (
         select e.at, m.batch_id from message_events e join messages m on m.id = e.message_id where e.status = 'SENDING' and e.at > $2),
       own as (select min(at) as first from claims where batch_id = $1)
       select extract(epoch from first - $2) * 1000 as ms, (select count(*)::int from claims where at < first) as beside from own`,
      [id, asked],
    );
    expect(found?.ms).not.toBeNull();
    return { ms: Number(found?.ms), beside: found?.beside ?? NaN };
  }, 60_000);
}

test('a batch that is resumed while 50,000 messages of another tenant fall due goes on within a second', async () => {
  const id = await held('held');
  await site.rows(`update messages m set due_at = now(), hint_at = now() from batches b where b.id = m.batch_id and b.name = 'falls due'`);
  await eventually(async () => expect(await countOf('falls due', `m.status <> 'SCHEDULED'`)).toBeGreaterThan(0), 30_000, 20);
  const busy = await resume(id);
  expect(await countOf('falls due', `m.status = 'SCHEDULED'`)).toBeGreaterThan(0);
  // A machine that is too slow for it: before a second's work of others.
  expect(Math.min(busy.ms, busy.beside)).toBeLessThan(1_000);
  await endsWell(site, id, SIZE, 300_000);
}, 560_000);
