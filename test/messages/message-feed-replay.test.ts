import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/messages/feed-cursor.js';
import { FeedReplay } from '../../src/messages/feed-replay.js';
import { applyChanges, lockMessages } from '../../src/messages/message-changes.js';
import type { FeedItem, MessageNews } from '../../src/messages/message-fact.js';
import { MessageFeed } from '../../src/messages/message-feed.js';
import type { MessageStatus } from '../../src/messages/message-status.js';
import { newId } from '../../src/platform/ids.js';
import { LocalBus } from '../support/local-bus.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let feed: MessageFeed;
beforeEach(async () => {
  store = await openTestStore();
  feed = new MessageFeed(store.db, new LocalBus(), pino({ level: 'silent' }), 50);
});
afterEach(async () => {
  await feed.close();
  await store.close();
});

/** So many events of three messages in the log; the cursor before them. */
async function past(count: number): Promise<string> {
  const ids = [(await store.accept()).id, (await store.accept()).id, (await store.accept()).id];
  const [{ id: eventId, horizon } = { id: '', horizon: '' }] = await store.events(ids[2] ?? '');
  await sql`
    insert into message_events (id, message_id, tenant_id, status, previous_status, source, at)
    select (left(${newId()}, 14) || '7' || lpad(to_hex(i), 3, '0') || right(${newId()}, 18))::uuid, (${ids}::uuid[])[i % 3 + 1], ${store.tenantId}, 'SENT', 'SENDING', 'WORKER', now()
    from generate_series(1, ${count}) i`.execute(store.db.sql);
  await expect.poll(isOver, { timeout: 10_000 }).toBe(true);
  return encodeCursor({ horizon, eventId });
}

const resumed = (after: string): AsyncGenerator<FeedItem, void, undefined> => feed.subscribe(store.tenantId, () => true, after);

/** The first of a subscription that then ends. */
async function first(count: number, after: string): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for await (const item of resumed(after)) if (items.push(item) === count) break;
  return items;
}

/** Ends when the message is being sent, which `commit` says. */
async function take(id: string, commit: Promise<void> = Promise.resolve()): Promise<void> {
  await store.db.transaction(async (tx) => {
    const rows = await lockMessages(tx, [id]);
    await applyChanges(
      tx,
      rows.map((row) => ({ row, set: { status: 'SENDING' }, note: { source: 'WORKER', at: new Date() } })),
    );
    await commit;
  });
}

/** Reads on until the message has the status; the cursor there. */
async function reading(items: AsyncIterable<FeedItem>, id: string, status: MessageStatus): Promise<string> {
  for await (const { fact: found, cursor } of items) if (found.event.messageId === id && found.event.status === status) return cursor;
  return '';
}

describe('a cursor', () => {
  /** Of what is in the log, by who stopped at the event, when nothing from there on was verified. */
  const replayed = async (eventId: string, { horizon }: { horizon: string }): Promise<string[]> => {
    const replay = new FeedReplay(store.db);
    const statuses: string[] = [];
    for await (const item of replay.items(store.tenantId, { horizon, eventId }, await replay.snapshot(), () => false))
      statuses.push(item.fact.event.status);
    return statuses;
  };

  test('at a change that overtook those before it is followed by them, and by it again, so that the end is right', async () => {
    const { id } = await store.accept();
    await take(id);
    const [queued, sending] = await store.events(id);
    expect(await replayed(sending?.id ?? '', queued ?? { horizon: '0' })).toEqual(['QUEUED', 'SENDING']);
  });

  test('is not followed by its own change where nothing of the message came before', async () => {
    const { id } = await store.accept();
    const [queued] = await store.events(id);
    await take(id);
    expect(await replayed(queued?.id ?? '', queued ?? { horizon: '0' })).toEqual(['SENDING']);
  });
});

test('where the feed stands is followed by what was being written then, and not by what had ended', async () => {
  await past(3);
  const slow = await store.accept();
  await expect.poll(isOver, { timeout: 10_000 }).toBe(true);
  const commit = Promise.withResolvers<void>();
  const taken = take(slow.id, commit.promise);
  await expect.poll(isWriting).toBe(true);
  const position = await feed.position();
  commit.resolve();
  await taken;
  const later = await store.accept();
  const items = await first(2, position);
  expect(items.map(({ fact }) => [fact.event.messageId, fact.event.status])).toEqual([
    [slow.id, 'SENDING'],
    [later.id, 'QUEUED'],
  ]);
});

describe('a long past', () => {
  test('is read to its end by who is cut again and again', async () => {
    let after = await past(1_800);
    const seen: string[] = [];
    while (seen.length < 1_800) {
      const items = await first(Math.min(700, 1_800 - seen.length), after);
      seen.push(...items.map((item) => item.fact.event.id));
      after = items.at(-1)?.cursor ?? '';
    }
    expect(new Set(seen).size).toBe(1_800);
  });

  test('is followed by what was written before the cut and committed after it', async () => {
    const after = await past(600);
    const slow = await store.accept();
    const commit = Promise.withResolvers<void>();
    const taken = take(slow.id, commit.promise);
    await expect.poll(isWriting).toBe(true);
    const quick = await store.accept();
    const cut = await reading(resumed(after), quick.id, 'QUEUED');
    commit.resolve();
    await taken;
    expect(await reading(resumed(cut), slow.id, 'SENDING')).not.toBe('');
  });

  test('is read on where more came meanwhile than waits for a reader', async () => {
    const { id } = await store.accept();
    const items = resumed(await past(600));
    await items.next();
    const [news] = store.told.news as [MessageNews];
    const others = (): MessageNews => ({
      ...news,
      event: { ...news.event, messageId: newId() },
      place: { ...news.place, xid: String(2n ** 62n) },
    });
    feed.publish(Array.from({ length: 10_001 }, others));
    await take(id);
    expect(await reading(items, id, 'SENDING')).not.toBe('');
  });

  test('is handed to equal subscribers as the same items', async () => {
    const after = await past(700);
    const [one, other] = await Promise.all([first(700, after), first(700, after)]);
    expect(one.every((item, index) => item === other[index])).toBe(true);
  });

  test('is not read on when its reader has left', async () => {
    const cursor = decodeCursor(await past(1_800));
    const replay = new FeedReplay(store.db);
    const seen: FeedItem[] = [];
    for await (const item of replay.items(store.tenantId, cursor, await replay.snapshot(), () => seen.length > 0)) seen.push(item);
    expect(seen.length).toBeLessThan(600);
  });
});

/** No transaction on this server, another test's neither, is older than the events: what might be older still is read once more. */
async function isOver(): Promise<boolean> {
  const { rows } = await sql<{ over: boolean }>`
    select bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())) as over from message_events`.execute(store.db.sql);
  return rows[0]?.over ?? false;
}

async function isWriting(): Promise<boolean> {
  const { rows } = await sql<{ writing: boolean }>`
    select exists (select from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and backend_xid is not null) as writing`.execute(
    store.db.sql,
  );
  return rows[0]?.writing ?? false;
}
