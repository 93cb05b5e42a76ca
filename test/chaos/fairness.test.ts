import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import type { TestApi } from '../support/gql.js';
import { countsAgree } from '../support/reckoning.js';
import { csv, numbers, openUpload } from '../support/upload.js';
import { scale } from './scale.js';

/** Accepted before anything goes out; and then, while it goes out. */
const FLOOD = scale(100_000, 10_000);
const UPLOAD = scale(100_000, 5_000);
/** And so many more in requests of this size, all of whose recipients are looked at while the codes are asked for. */
const BULK = scale(10_000, 2_000);
const BULKS = scale(2, 1);
const OTHERS = 200;
/** Asked for while the campaign goes out, and as many while the next ones are uploaded and asked for as well. */
const CODES = scale(150, 20);
const EVERY_MS = 100;
/** Of the campaign: who waited for their turn in it would wait for all of it. */
const MOST_BEFORE = FLOOD / 10;
/** A second, where nothing else uses the machine; other tests beside it stop everything now and then. */
const MOST_DELAY_MS = scale(1_000, 10_000);
/** Beside requests of ten thousand recipients, which keep all processors of a small machine busy before anything waits for a turn. */
const MOST_DELAY_BESIDE_REQUESTS_MS = scale(2_000, 10_000);
const CODE = { to: '+14155559999', body: 'Your code is 123456', category: 'AUTHENTICATION' };
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';

let site: Deployment;
let calm: number[];
let codes: number[];
let codesBesideRequests: number[];
let reminders: number[];
let claimedMeanwhile: number;
let claimedBeforeCodes: number[];
/** Of each message: when the provider took it. */
const takenAt = new Map<string, number>();

async function flood(): Promise<void> {
  for (let sent = 0; sent < FLOOD; sent += 10_000) await site.send(10_000, `campaign-${sent}`);
  await site.run('worker,scheduler');
  await eventually(() => expect(site.simulator.takenTotal()).toBeGreaterThan(CODES + 100), 60_000);
}

/** A further campaign, as a file. */
async function upload(): Promise<void> {
  const file = openUpload(site.api, { with: { name: 'uploaded' } });
  await file.write('to\n');
  for (let sent = 0; sent < UPLOAD; sent += 1_000) await file.write(csv(...numbers(1_000, sent)));
  file.end();
  expect((await file.answer).body).toMatchObject({ accepted: UPLOAD });
}

async function bulks(): Promise<void> {
  for (let sent = 0; sent < BULKS; sent++) await site.send(BULK, `beside-the-codes-${sent}`);
}

async function ask(api: TestApi, input: object): Promise<{ id: string; at: number }> {
  const at = Date.now();
  return { id: (await api.mutate(SEND, { input })).sendMessage.message.id, at };
}

/** Asks for one message after another, answered or not; returns for each the milliseconds from the request until the provider took it. */
async function delaysOf(api: TestApi, input: object): Promise<number[]> {
  const asking: Promise<{ id: string; at: number }>[] = [];
  for (let count = 0; count < CODES; count++) {
    asking.push(ask(api, input));
    await pause(EVERY_MS);
  }
  const asked = await Promise.all(asking);
  return eventually(() => {
    const delays = asked.map(({ id, at }) => (takenAt.get(id) ?? NaN) - at);
    expect(delays.filter((ms) => ms >= 0)).toHaveLength(CODES);
    return delays;
  }, 60_000);
}

/** Messages of others that were claimed between a batch's acceptance and its last claim. */
async function claimedBeside(batchId: string): Promise<number> {
  const [found] = await site.rows<{ count: number }>(
    `with own as (
       select b.created_at as began, max(e.at) as ended from batches b join messages m on m.batch_id = b.id
       join message_events e on e.message_id = m.id and e.status = 'SENDING' where b.id = $1 group by b.id)
     select count(*)::int as count from message_events e join messages m on m.id = e.message_id, own
     where e.status = 'SENDING' and e.at >= own.began and e.at < own.ended and m.batch_id is distinct from $1`,
    [batchId],
  );
  return found?.count ?? Infinity;
}

/** For each code beside the campaigns: messages of others that were claimed while it waited. */
async function claimedBefore(): Promise<number[]> {
  const found = await site.rows<{ count: number }>(
    `with claims as materialized (select message_id, at from message_events where status = 'SENDING')
     select (select count(*)::int from claims c where c.at >= m.created_at and c.at < own.at) as count
     from messages m join claims own on own.message_id = m.id
     where m.category = 'AUTHENTICATION' and m.created_at > (select min(created_at) from messages where batch_id is not null)`,
  );
  return found.map(({ count }) => count);
}

/** How long codes take when there is nothing else to do: on a slow machine longer. */
async function measureCalm(): Promise<void> {
  const worker = await site.run('worker,scheduler');
  calm = await delaysOf(site.api, CODE);
  expect(await site.kill(worker, 'SIGTERM')).toBe(0);
}

async function measure(): Promise<void> {
  site = await Deployment.start();
  site.provider.took = (id) => void takenAt.set(id, Date.now());
  await site.run('api');
  const quiet = await site.tenant('quiet');
  await measureCalm();
  await flood();
  codes = await delaysOf(site.api, CODE);
  expect(site.simulator.takenTotal()).toBeLessThan(FLOOD);
  const [batch] = await Promise.all([
    site.send(OTHERS, 'beside-the-flood', quiet.admin),
    upload(),
    bulks(),
    delaysOf(site.api, CODE).then((all) => (codesBesideRequests = all)),
    delaysOf(quiet.sender, { to: '+14155559999', body: 'Tomorrow at 09:30.' }).then((all) => (reminders = all)),
  ]);
  const total = FLOOD + UPLOAD + BULKS * BULK + OTHERS + 4 * CODES;
  expect(site.simulator.takenTotal()).toBeLessThan(total);
  await eventually(() => expect(site.simulator.takenTotal()).toBe(total), 300_000);
  claimedMeanwhile = await claimedBeside(batch);
  claimedBeforeCodes = await claimedBefore();
}

const middleOf = (delays: readonly number[]): number => delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)] ?? Number.NaN;

beforeAll(measure, 560_000);
afterAll(() => site.stop());

const worstOf = (delays: readonly number[]): number => Math.max(...delays) - middleOf(calm);

describe('while a campaign goes out', () => {
  test('no one-time code is delayed by more than a second, from the request to the provider', () => {
    expect(worstOf(codes)).toBeLessThan(MOST_DELAY_MS);
  });

  test('nor much longer while the next ones are uploaded and asked for', () => {
    expect(worstOf(codesBesideRequests)).toBeLessThan(MOST_DELAY_BESIDE_REQUESTS_MS);
  });

  test('no one-time code waits for its turn among them, however slow the machine is', () => {
    expect(claimedBeforeCodes).toHaveLength(2 * CODES);
    expect(Math.max(...claimedBeforeCodes)).toBeLessThan(MOST_BEFORE);
  });

  test("another tenant's reminders leave within seconds", () => {
    expect(Math.max(...reminders)).toBeLessThan(scale(3_000, 10_000));
  });

  test("another tenant's campaign takes its turn beside it", () => {
    expect(claimedMeanwhile).toBeGreaterThan(0);
    expect(claimedMeanwhile).toBeLessThan(10 * OTHERS);
  });

  test('each message is taken once', async () => {
    await eventually(() => expect(site.provider.underWay).toBe(0), 30_000);
    const all = await site.rows<{ id: string }>('select id from messages');
    expect(all.filter(({ id }) => site.simulator.taken(id) !== 1)).toEqual([]);
    await countsAgree(site.postgres.target);
  }, 60_000);
});
