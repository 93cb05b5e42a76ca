import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { endsWell } from '../support/reckoning.js';
import { scale } from './scale.js';

const BACKLOG = scale(10_000, 3_000);
/** More than a turn of the circuit. */
const WATCHED_MS = 12_000;
/** Beside other tests the machine stands still for seconds. */
const SOON_MS = scale(2_000, 6_000);
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';
const CODE = { to: '+14155559999', body: 'Your code is 123456', category: 'AUTHENTICATION' };

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start({ MAX_ATTEMPTS: '10', RETRY_OUTAGE_SECONDS: '0.05' });
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());

/** Each row with the transaction that wrote its present version. */
async function versions(): Promise<Map<string, string>> {
  const rows = await site.rows<{ id: string; xmin: string }>('select id, xmin::text from messages');
  return new Map(rows.map(({ id, xmin }) => [id, xmin]));
}

/** Of all rows, and the events written meanwhile. */
async function writtenDuring(ms: number): Promise<{ rows: number; events: number }> {
  const count = 'select count(*)::int as count from message_events';
  const [before, [begun]] = [await versions(), await site.rows<{ count: number }>(count)];
  await pause(ms);
  const [after, [ended]] = [await versions(), await site.rows<{ count: number }>(count)];
  const rows = [...after].filter(([id, xmin]) => before.get(id) !== xmin).length;
  return { rows, events: (ended?.count ?? Infinity) - (begun?.count ?? 0) };
}

/** From the first message that the provider took. */
async function sentAfterMs(id: string): Promise<number> {
  const delay = `select extract(epoch from sent_at - (select min(sent_at) from messages)) * 1000 as ms from messages where id = $1`;
  return Number((await site.rows<{ ms: string }>(delay, [id]))[0]?.ms);
}

test('a backlog costs the database next to nothing while the provider is down, and then goes out, codes first', async () => {
  site.provider.decide = () => 'refuse';
  const batchId = await site.send(BACKLOG, 'down');
  await eventually(async () => expect((await site.api.query('{ providers { circuit } }')).providers[0].circuit).toBe('OPEN'), 30_000);
  const { sendMessage } = await site.api.mutate(SEND, { input: CODE });
  await pause(3_000);
  const written = await writtenDuring(WATCHED_MS);
  expect(written.rows).toBeLessThan(BACKLOG / 10);
  expect(written.events).toBeLessThan(BACKLOG / 10);
  site.provider.decide = () => 'pass';
  await endsWell(site, batchId, BACKLOG);
  expect(await sentAfterMs(sendMessage.message.id)).toBeLessThan(SOON_MS);
}, 200_000);
