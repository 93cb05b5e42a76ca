import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countMessages, eventsOfMessages, listMessages, matchingIds, type MessageFilter } from '../../src/messages/message.queries.js';
import { idFloor, newId } from '../../src/platform/ids.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

const page = { limit: 50, after: null, before: null, backwards: false };
const found = async (filter: MessageFilter): Promise<string[]> =>
  (await listMessages(store.db.sql, store.tenantId, filter, page)).map(({ id }) => id);

describe('a list of messages', () => {
  test('knows when a message was created, also where its id was made most of a minute later', async () => {
    const createdAt = new Date('2026-03-01T12:00:00.000Z');
    const id = `${idFloor(new Date(createdAt.getTime() + 50_000)).slice(0, -1)}1`;
    await store.accept({ id, createdAt });
    const around = (ms: number): Date => new Date(createdAt.getTime() + ms);
    expect(await found({ createdAfter: around(-1), createdBefore: around(1) })).toEqual([id]);
    expect(await found({ createdAfter: around(0), createdBefore: around(1) })).toEqual([]);
    expect(await found({ createdAfter: around(-1), createdBefore: around(0) })).toEqual([]);
    expect(await countMessages(store.db.sql, store.tenantId, { createdBefore: around(1) })).toBe(1);
  });

  test('is walked through from the oldest, a part at a time', async () => {
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push((await store.accept({ reference: 'walk' })).id);
    const part = (after: string | null) => matchingIds(store.db.sql, store.tenantId, { reference: 'walk', status: ['QUEUED'] }, after, 2);
    const [first, second, third] = [await part(null), await part(ids[1] ?? ''), await part(ids[3] ?? '')];
    expect([first, second, third]).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  });

  test('holds nothing of another tenant', async () => {
    await store.accept({ reference: 'mine' });
    expect(await listMessages(store.db.sql, newId(), { reference: 'mine' }, page)).toEqual([]);
  });
});

test('an event is found that a machine wrote whose clock is minutes behind', async () => {
  const { id } = await store.accept();
  const behind = `${idFloor(new Date(Date.now() - 5 * 60_000)).slice(0, -1)}2`;
  await sql`update message_events set id = ${behind} where message_id = ${id}`.execute(store.db.sql);
  expect(await eventsOfMessages(store.db.sql, store.tenantId, [id])).toMatchObject([{ id: behind }]);
});
