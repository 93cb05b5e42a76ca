import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { messageRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());

const ofBatch = (batchId: string, count: number): MessageRow[] =>
  Array.from({ length: count }, () => messageRow({ tenantId: store.tenantId, batchId }));
const accept = (rows: MessageRow[]) => store.acceptance.accept({ rows, checks: [], source: 'API', actor: null });
const stored = async (batchId: string): Promise<unknown> => {
  const { rows } = await sql`
    select (select count(*) from messages where batch_id = ${batchId}) as messages,
      (select count(*) from message_events where message_id in (select id from messages where batch_id = ${batchId})) as events`.execute(
    store.db.sql,
  );
  return rows[0];
};

describe('messages that are written in several groups', () => {
  test('are all there, each with its event', async () => {
    const batchId = newId();
    await accept(ofBatch(batchId, 2_500));
    expect(await stored(batchId)).toEqual({ messages: 2_500, events: 2_500 });
  });

  test.each([
    ['first', 0],
    ['second', 1_000],
    ['last', 2_400],
  ])('leave nothing behind when the %s group fails', async (_which, at) => {
    const [batchId, { id }] = [newId(), await store.accept()];
    const rows = ofBatch(batchId, 2_500);
    rows[at] = { ...messageRow({ tenantId: store.tenantId, batchId }), id };
    store.told.hinted.length = 0;
    await expect(accept(rows)).rejects.toMatchObject({ code: '23505' });
    expect(await stored(batchId)).toEqual({ messages: 0, events: 0 });
    expect(store.told.hinted).toEqual([]);
  });

  test('leave nothing behind when a group cannot be written at all', async () => {
    const batchId = newId();
    const rows = ofBatch(batchId, 2_500);
    rows[1_500] = { ...messageRow({ tenantId: store.tenantId, batchId }), reference: Symbol('no text') as unknown as string };
    await expect(accept(rows)).rejects.toThrow('cannot be stored');
    expect(await stored(batchId)).toEqual({ messages: 0, events: 0 });
  });
});
