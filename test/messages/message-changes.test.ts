import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyChanges, lockMessages, type Change, type EventNote } from '../../src/messages/message-changes.js';
import { factOf, type MessageFact } from '../../src/messages/message-fact.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { LATER, NOW } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(() => void (store.told.news.length = 0));

const note: EventNote = { source: 'WORKER', at: LATER };
const apply = async (...changes: Change[]): Promise<MessageFact[]> =>
  (await store.db.transaction((tx) => applyChanges(tx, changes))).news.map(factOf);
const stored = async (id: string): Promise<{ horizon: string; xid: string }[]> =>
  (
    await sql<{
      horizon: string;
      xid: string;
    }>`select horizon::text, xid::text from message_events where message_id = ${id} order by id`.execute(store.db.sql)
  ).rows;

describe('a change', () => {
  test('is written with its event, and leaves the rest of the row alone', async () => {
    const row = await store.accept({
      costAmount: '1.500000',
      costCurrency: 'USD',
      fallbackChannels: ['WHATSAPP', 'SMS'],
      expiresAt: LATER,
    });
    const error = { kind: 'TIMEOUT' as const, retryable: true, code: 'X1', message: 'It did not answer.' };
    const actor = { name: 'key', ip: '127.0.0.1', userAgent: null };
    const facts = await apply({
      row,
      set: { status: 'SENDING', askedAt: LATER },
      note: { ...note, attempt: 1, provider: 'twilio', error, actor, detail: { note: 'hm' } },
    });
    expect(await store.find(row.id)).toEqual({ ...row, status: 'SENDING', askedAt: LATER });
    expect((await store.events(row.id)).at(-1)).toMatchObject({
      status: 'SENDING',
      previousStatus: 'QUEUED',
      applied: true,
      source: 'WORKER',
      at: LATER,
      attempt: 1,
      provider: 'twilio',
      errorKind: 'TIMEOUT',
      errorCode: 'X1',
      errorMessage: 'It did not answer.',
      errorRetryable: true,
      actor,
      detail: { note: 'hm' },
    });
    expect(facts).toMatchObject([{ event: { messageId: row.id, status: 'SENDING', ...(await stored(row.id)).at(-1) } }]);
  });

  test('that sets nothing is an event, and is not published', async () => {
    const row = await store.accept();
    expect(await apply({ row, set: {}, note })).toEqual([]);
    expect(await store.find(row.id)).toEqual(row);
    expect((await store.events(row.id)).at(-1)).toMatchObject({ status: 'QUEUED', previousStatus: 'QUEUED', applied: false });
  });

  test('without a note is no event', async () => {
    const row = await store.accept();
    expect(await apply({ row, set: { dueAt: LATER }, note: null })).toEqual([]);
    expect((await store.find(row.id)).dueAt).toEqual(LATER);
    expect(await store.events(row.id)).toHaveLength(1);
  });

  test('takes values away, too', async () => {
    const row = await store.accept({ reference: 'visit 7', segments: 2, fallbackChannels: ['SMS'], errorRetryable: true });
    const set: Partial<MessageRow> = { reference: null, segments: null, fallbackChannels: null, errorRetryable: null, sealed: null };
    await apply({ row, set, note: null });
    expect(await store.find(row.id)).toEqual({ ...row, ...set });
  });

  test('of nothing does nothing', async () => {
    expect(await apply()).toEqual([]);
  });
});

describe('several changes at once', () => {
  test('keep to their rows, whatever each of them sets', async () => {
    const [a, b] = [await store.accept(), await store.accept({ reference: 'b' })];
    await apply({ row: a, set: { status: 'SENDING', segments: 3 }, note }, { row: b, set: { status: 'CANCELLED', hintAt: null }, note });
    expect(await store.find(a.id)).toEqual({ ...a, status: 'SENDING', segments: 3 });
    expect(await store.find(b.id)).toEqual({ ...b, status: 'CANCELLED', hintAt: null });
  });

  test('of one message follow each other, and the last is what it is', async () => {
    const row = await store.accept();
    const sent = { ...row, status: 'SENT' as const, sentAt: NOW };
    const facts = await apply(
      { row, set: { status: 'SENT', sentAt: NOW }, note },
      { row: sent, set: { status: 'DELIVERED', deliveredAt: LATER }, note },
      { row: { ...sent, status: 'DELIVERED', deliveredAt: LATER }, set: {}, note },
    );
    expect(await store.find(row.id)).toEqual({ ...sent, status: 'DELIVERED', deliveredAt: LATER });
    expect(facts.map(({ event }) => [event.previousStatus, event.status])).toEqual([
      ['QUEUED', 'SENT'],
      ['SENT', 'DELIVERED'],
    ]);
    expect((await store.events(row.id)).map(({ status }) => status)).toEqual(['QUEUED', 'SENT', 'DELIVERED', 'DELIVERED']);
  });

  test('that fail leave nothing behind', async () => {
    const row = await store.accept();
    await expect(apply({ row, set: { status: 'SENT', reference: 'a\0b' }, note })).rejects.toThrow();
    expect(await store.find(row.id)).toEqual(row);
    expect(await store.events(row.id)).toHaveLength(1);
  });
});

test('a row that is locked is waited for, and read as it is by then', async () => {
  const row = await store.accept();
  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const first = store.db.transaction(async (tx) => {
    const [mine] = await lockMessages(tx, [row.id]);
    locked.resolve();
    await release.promise;
    await applyChanges(tx, mine ? [{ row: mine, set: { status: 'SENDING' }, note }] : []);
  });
  await locked.promise;
  const second = store.db.transaction((tx) => lockMessages(tx, [row.id]));
  release.resolve();
  await first;
  expect((await second).map(({ status }) => status)).toEqual(['SENDING']);
});
