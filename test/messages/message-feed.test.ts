import { sql, type Transaction } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyChanges, lockMessages } from '../../src/messages/message-changes.js';
import { encodeCursor } from '../../src/messages/feed-cursor.js';
import { MessageFeed } from '../../src/messages/message-feed.js';
import type { FeedItem, MessageFact, MessageNews } from '../../src/messages/message-fact.js';
import type { MessageStatus } from '../../src/messages/message-status.js';
import { newId } from '../../src/platform/ids.js';
import { LocalBus } from '../support/local-bus.js';
import { MessageQueue } from '../support/message-queue.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let bus: LocalBus;
let feed: MessageFeed;
beforeEach(async () => {
  store = await openTestStore();
  bus = new LocalBus();
  feed = new MessageFeed(store.db, bus, pino({ level: 'silent' }), 200);
});
afterEach(async () => {
  await feed.close();
  await store.close();
});

/** Reads a subscription in the background. */
function reading(after: string | null = null, wanted: (fact: MessageFact) => boolean = () => true) {
  const items = feed.subscribe(store.tenantId, wanted, after);
  const queue = new MessageQueue<FeedItem>();
  const ended = (async () => {
    for await (const item of items) queue.push(item);
  })().catch((error: Error) => queue.fail(error));
  const statuses = async (count: number): Promise<string[]> => (await queue.take(count, 15_000)).map(({ fact }) => fact.event.status);
  const end = async (): Promise<void> => {
    await items.return();
    await ended;
  };
  return { queue, statuses, end };
}

/** Until the subscription has begun. */
const joined = async (): Promise<void> => {
  await expect.poll(() => bus.listeners).toBe(1);
  await pause(30);
};
/** Until no transaction on this server, another test's neither, is older than the events: what might be older still is read once more. */
const over = async (): Promise<void> => {
  const isOver = async (): Promise<boolean | undefined> => {
    const { rows } = await sql<{ over: boolean }>`
      select bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())) as over from message_events`.execute(store.db.sql);
    return rows[0]?.over;
  };
  await expect.poll(isOver, { timeout: 10_000 }).toBe(true);
};
/** Makes the next reading of the log wait for what it reads of the messages. */
async function publishedWhileTheLogIsRead(news: MessageNews[], tx: Transaction<unknown>): Promise<void> {
  await sql`lock table messages in access exclusive mode`.execute(tx);
  const waiting = async (): Promise<boolean | undefined> => {
    const { rows } = await sql<{ waiting: boolean }>`
      select exists (select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())) as waiting`.execute(
      tx,
    );
    return rows[0]?.waiting;
  };
  await expect.poll(waiting, { timeout: 10_000 }).toBe(true);
  feed.publish(news);
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Moves a message on; publishes by the feed, or leaves that to the log. */
async function move(
  id: string,
  status: MessageStatus,
  {
    publish = true,
    before = async () => {},
  }: { publish?: boolean; before?: (news: MessageNews[], tx: Transaction<unknown>) => Promise<void> } = {},
): Promise<void> {
  const { news } = await store.db.transaction(async (tx) => {
    const rows = await lockMessages(tx, [id]);
    const changed = await applyChanges(
      tx,
      rows.map((row) => ({ row, set: { status }, note: { source: 'WORKER', at: new Date() } })),
    );
    await before(changed.news, tx);
    return changed;
  });
  if (publish) feed.publish(news);
}

describe('a subscriber', () => {
  test('sees what is published from now on, of its tenant, that it wants', async () => {
    const { id } = await store.accept();
    const { queue, statuses, end } = reading(null, ({ event }) => event.status !== 'SENDING');
    await joined();
    await move(id, 'SENDING');
    await move(id, 'SENT');
    bus.publish('messages.another', () => []);
    expect(await statuses(1)).toEqual(['SENT']);
    await queue.expectSilence(200);
    await end();
  });

  test('sees also what no publication brought', async () => {
    const { id } = await store.accept();
    await over();
    const { statuses, end } = reading();
    await joined();
    bus.isLosing = true;
    await move(id, 'SENDING');
    await move(id, 'SENT');
    expect(await statuses(2)).toEqual(['SENDING', 'SENT']);
    await end();
  });

  test('sees what was lost before what followed it', async () => {
    const { id } = await store.accept();
    await over();
    const { statuses, end } = reading();
    await joined();
    await move(id, 'SENDING');
    bus.isLosing = true;
    await move(id, 'SENT');
    bus.isLosing = false;
    await move(id, 'DELIVERED');
    expect(await statuses(3)).toEqual(['SENDING', 'SENT', 'DELIVERED']);
    await end();
  });

  test('sees what was lost before what is published while the log is read', async () => {
    const { id } = await store.accept();
    await over();
    const { statuses, end } = reading();
    await joined();
    bus.isLosing = true;
    await move(id, 'SENDING');
    await move(id, 'SENT');
    bus.isLosing = false;
    await move(id, 'DELIVERED', { publish: false, before: (facts, tx) => publishedWhileTheLogIsRead(facts, tx) });
    expect(await statuses(3)).toEqual(['SENDING', 'SENT', 'DELIVERED']);
    await end();
  });

  test('sees nothing twice and nothing from before it came', async () => {
    const { id } = await store.accept();
    await move(id, 'SENDING');
    await over();
    const { queue, statuses, end } = reading();
    await joined();
    await move(id, 'SENT');
    expect(await statuses(1)).toEqual(['SENT']);
    await queue.expectSilence(300);
    await end();
  });

  test('can leave while it waits', async () => {
    const { end, queue } = reading();
    await joined();
    await end();
    await queue.expectSilence(10);
    expect(bus.listeners).toBe(0);
  });

  test('with a cursor that is none is refused at once', () => {
    expect(() => feed.subscribe(store.tenantId, () => true, 'x')).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});

describe('a subscriber that comes back with its cursor', () => {
  test('sees what happened meanwhile, in order, and then what happens', async () => {
    const { id } = await store.accept();
    await over();
    const first = reading();
    await joined();
    await move(id, 'SENDING');
    const { cursor } = await first.queue.next();
    await first.end();
    await move(id, 'SENT');
    await move(id, 'DELIVERED');
    const second = reading(cursor);
    expect(await second.statuses(2)).toEqual(['SENT', 'DELIVERED']);
    await joined();
    await move(id, 'READ');
    expect(await second.statuses(1)).toEqual(['READ']);
    await second.queue.expectSilence(200);
    await second.end();
  });

  test('sees what was written before its cursor and committed after it', async () => {
    const [slow, quick] = [await store.accept(), await store.accept()];
    await over();
    const committing = Promise.withResolvers<void>();
    const late = move(slow.id, 'SENDING', { publish: false, before: () => committing.promise });
    await pause(50);
    const first = reading();
    await joined();
    await move(quick.id, 'SENDING');
    const { cursor } = await first.queue.next();
    await first.end();
    committing.resolve();
    await late;
    const second = reading(cursor);
    expect((await second.queue.next()).fact.event.messageId).toBe(slow.id);
    await second.end();
  });

  test('sees what was still waiting to be read when it left', async () => {
    const rows = await Promise.all(Array.from({ length: 20 }, () => store.accept()));
    await over();
    const items = feed.subscribe(store.tenantId, () => true, null);
    const first = items.next();
    await joined();
    for (const { id } of rows) await move(id, 'SENDING');
    const { cursor, fact } = (await first).value as FeedItem;
    // The log is read and everything in it is verified, while the reader has seen but one.
    await pause(300);
    await items.return(undefined);
    const second = reading(cursor);
    const seen = [fact, ...(await second.queue.take(19)).map((item) => item.fact)].map(({ event }) => event.messageId);
    expect(new Set(seen)).toEqual(new Set(rows.map(({ id }) => id)));
    await second.end();
  });

  test('sees a long past a page at a time', async () => {
    const { id } = await store.accept();
    const [{ id: begin, horizon } = { id: '', horizon: '' }] = await store.events(id);
    await sql`
      insert into message_events (id, message_id, tenant_id, status, previous_status, source, at)
      select (left(${newId()}, 14) || '7' || lpad(to_hex(i), 3, '0') || right(${newId()}, 18))::uuid, ${id}, ${store.tenantId}, 'SENT', 'SENDING', 'WORKER', now()
      from generate_series(1, 2500) i`.execute(store.db.sql);
    const { queue, end } = reading(encodeCursor({ horizon, eventId: begin }));
    expect(await queue.take(2500)).toHaveLength(2500);
    await queue.expectSilence(200);
    await end();
  });
});

describe('publications', () => {
  test('are of a size that Redis keeps for a slow reader', async () => {
    const { id } = await store.accept();
    const [news] = store.told.news.filter(({ event: { messageId } }) => messageId === id);
    feed.publish(Array.from({ length: 450 }, () => news as MessageNews));
    expect(bus.published.map((group) => (group as unknown[]).length)).toEqual([200, 200, 50]);
  });
});
