import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.js';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { RestlessSubscriber } from '../support/restless-subscriber.js';
import { scale } from './scale.js';

const SUBSCRIBERS = scale(50, 10);
const MESSAGES = scale(3_000, 300);
/** Each loses its socket about as often, and comes back within half a second. */
const CUT_EVERY_MS = scale(2_000, 1_000);
const PATIENCE_MS = scale(120_000, 60_000);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let site: Deployment;
let database: Client;
let subscribers: RestlessSubscriber[];
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
  await site.run('worker,scheduler');
  database = new Client({ connectionString: site.database.url });
  await database.connect();
  subscribers = Array.from({ length: SUBSCRIBERS }, () => new RestlessSubscriber(site.api));
  await Promise.all(subscribers.map((subscriber) => subscriber.connect()));
  await begun();
}, 90_000);
afterAll(async () => {
  await Promise.all(subscribers.map((subscriber) => subscriber.close()));
  await database.end();
  await site.stop();
});

/** A first message that all have seen: from now on each has a cursor to resume with. */
async function begun(): Promise<void> {
  await pause(1_000);
  await site.delivered(await site.send(1, 'begun'), 1);
  await eventually(() => expect(subscribers.every(({ seen }) => seen.length > 0)).toBe(true), 20_000);
}

/** Ends when `until` has: each moment some subscribers lose their socket. */
async function cutting(until: Promise<unknown>): Promise<void> {
  const cut = (): void => subscribers[Math.floor(Math.random() * SUBSCRIBERS)]?.cut();
  const timer = setInterval(cut, CUT_EVERY_MS / SUBSCRIBERS);
  await until.finally(() => clearInterval(timer));
}

/** By message, in the order of the log: its own lock orders the events of a message. */
async function logged(batchId: string): Promise<Map<string, string[]>> {
  const { rows } = await database.query<{ id: string; message: string }>(
    `select e.id, e.message_id as message from message_events e join messages m on m.id = e.message_id
     where m.batch_id = $1 and e.applied order by e.id`,
    [batchId],
  );
  const byMessage = Map.groupBy(rows, ({ message }) => message);
  return new Map([...byMessage].map(([message, events]) => [message, events.map(({ id }) => id)]));
}

/** Each event once, where it came first. */
const firstSeen = ({ seen }: RestlessSubscriber): Map<string, string[]> => {
  const ids = new Map<string, Set<string>>();
  for (const { id, messageId } of seen) ids.set(messageId, (ids.get(messageId) ?? new Set()).add(id));
  return new Map([...ids].map(([messageId, set]) => [messageId, [...set]]));
};

/** What a subscriber that shows the last event of each message shows in the end. */
const lastSeen = ({ seen }: RestlessSubscriber): Map<string, string> => new Map(seen.map(({ messageId, id }) => [messageId, id]));

async function allShow(expected: Map<string, string[]>): Promise<void> {
  const shown = (): number[] =>
    subscribers.map((subscriber) => {
      const last = lastSeen(subscriber);
      return [...expected].filter(([message, ids]) => last.get(message) !== ids.at(-1)).length;
    });
  await eventually(() => expect(shown()).toEqual(subscribers.map(() => 0)), 20_000, 500);
}

async function allHaveSeen(batchId: string): Promise<void> {
  const expected = await logged(batchId);
  expect(expected.size).toBe(MESSAGES);
  await eventually(
    () => {
      for (const subscriber of subscribers) {
        const seen = firstSeen(subscriber);
        const missing = [...expected].filter(([message, ids]) => ids.some((id) => !seen.get(message)?.includes(id)));
        if (missing.length > 0) throw new Error(`${missing.length} messages have events that one subscriber has not seen`);
      }
    },
    PATIENCE_MS,
    500,
  );
  for (const subscriber of subscribers) {
    const seen = firstSeen(subscriber);
    for (const [message, ids] of expected) expect(seen.get(message)).toEqual(ids);
    expect(subscriber.refusals).toEqual([]);
  }
  await allShow(expected);
}

/** Writes an event, and commits it a second later than it could: others that began after it end before it. */
async function commitLate(messageId: string): Promise<string> {
  const id = newId();
  const writer = new Client({ connectionString: site.database.url });
  await writer.connect();
  await writer.query('begin');
  await writer.query(
    `insert into message_events (id, message_id, tenant_id, status, previous_status, source, at)
     select $1, id, tenant_id, 'READ', status, 'WEBHOOK', now() from messages where id = $2`,
    [id, messageId],
  );
  await pause(1_000);
  await writer.query('commit');
  await writer.end();
  return id;
}

describe('subscribers that are cut and resume at random under traffic', () => {
  test('see every event, in order for each message', async () => {
    const batchId = await site.send(MESSAGES, 'cut');
    await cutting(site.delivered(batchId, MESSAGES, 120_000));
    await allHaveSeen(batchId);
    expect(subscribers.reduce((sum, { resumed }) => sum + resumed, 0)).toBeGreaterThan(SUBSCRIBERS / 2);
  }, 240_000);

  test('see also what was written early and committed late', async () => {
    const quiet = subscribers[0]?.seen[0]?.messageId ?? '';
    const batchId = await site.send(MESSAGES, 'late');
    const writing = (async (): Promise<string[]> => {
      const ids: string[] = [];
      for (let turn = 0; turn < scale(10, 3); turn++) ids.push(await commitLate(quiet));
      return ids;
    })();
    await cutting(Promise.all([writing, site.delivered(batchId, MESSAGES, 120_000)]));
    await allHaveSeen(batchId);
    const late = await writing;
    for (const subscriber of subscribers)
      await eventually(() => expect(subscriber.seen.map(({ id }) => id)).toEqual(expect.arrayContaining(late)), 20_000, 200);
  }, 240_000);

  test('see also what no publication brought, while Redis was away', async () => {
    const batchId = await site.send(MESSAGES, 'lost');
    const away = (async (): Promise<void> => {
      await pause(300);
      site.redis.shut();
      await pause(2_000);
      site.redis.open();
    })();
    await cutting(Promise.all([away, site.delivered(batchId, MESSAGES, 120_000)]));
    await allHaveSeen(batchId);
  }, 240_000);
});
