import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ReceiptApplier } from '../../src/delivery/apply-receipts.js';
import { Fallback } from '../../src/delivery/fallback.js';
import { Sweep } from '../../src/delivery/sweep.js';
import { explain } from '../../src/messages/explanation.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { outcomeSettings, providerError, report, sentRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { TestProvider } from './test-provider.js';

let store: TestStore;
let provider: TestProvider;
let sweep: Sweep;
let receipts: ReceiptApplier;
beforeAll(async () => {
  store = await openTestStore();
  const { db, told, acceptance, sealer, optOuts } = store;
  const fallback = new Fallback(acceptance, sealer);
  sweep = new Sweep(db, told, told, fallback, told, { lookUpAfterMs: 60_000 });
  receipts = new ReceiptApplier(db, fallback, optOuts, told, outcomeSettings());
});
afterAll(() => store.close());
beforeEach(() => void (provider = new TestProvider(store)));

/** By WhatsApp, undelivered for longer than its caller wants to wait. */
async function late(overrides: Partial<MessageRow> = {}): Promise<MessageRow> {
  const { id: _id, tenantId: _tenant, sealed: _sealed, ...row } = sentRow({ channel: 'WHATSAPP', fallbackChannels: ['SMS'], ...overrides });
  return store.accept({ ...row, providerMessageId: newId(), fallbackAfterSeconds: 5, fallbackAt: new Date(Date.now() - 1_000) });
}

async function standInOf({ id }: MessageRow): Promise<string> {
  await sweep.run();
  const { fallbackId } = await store.find(id);
  expect(fallbackId).not.toBeNull();
  return fallbackId ?? '';
}

const reported = ({ id, providerMessageId }: MessageRow, status: 'SENT' | 'DELIVERED' | 'READ' | 'FAILED'): Promise<unknown> =>
  receipts.apply([report({ messageId: id, providerMessageId, status })]);
const dispatch = (id: string): Promise<unknown> => provider.worker().dispatcher.run('transactional', [id]);

describe('a message that stands in for another', () => {
  test.each(['DELIVERED', 'READ'] as const)('does not go out once the other is %s, and says why', async (status) => {
    const first = await late();
    const id = await standInOf(first);
    await reported(first, status);
    await dispatch(id);
    const row = await store.find(id);
    expect([provider.asked, row.status, row.attempts, row.hintAt]).toEqual([[], 'SUPPRESSED', 0, null]);
    expect(explain(row, await store.events(id)).summary).toBe('Held back: The message that it stands in for has been delivered.');
    expect((await store.events(id)).at(-1)).toMatchObject({ previousStatus: 'QUEUED', status: 'SUPPRESSED', source: 'WORKER' });
    expect(store.told.published.at(-1)?.event).toMatchObject({ messageId: id, status: 'SUPPRESSED' });
  });

  test('does not go out after a failure of the other that turns out to be none', async () => {
    const first = await late();
    await reported(first, 'FAILED');
    const { fallbackId } = await store.find(first.id);
    await reported(first, 'DELIVERED');
    await dispatch(fallbackId ?? '');
    expect([provider.asked, (await store.find(fallbackId ?? '')).status]).toEqual([[], 'SUPPRESSED']);
  });

  test('is not tried again once the other is delivered', async () => {
    const first = await late();
    const id = await standInOf(first);
    provider.send = async () => {
      await reported(first, 'DELIVERED');
      throw providerError();
    };
    await dispatch(id);
    await sql`update messages set due_at = now() - interval '1 second' where id = ${id}`.execute(store.db.sql);
    await dispatch(id);
    expect([provider.asked.length, (await store.find(id)).status]).toEqual([1, 'SUPPRESSED']);
  });

  test('of one that stands in itself does not go out once the first is delivered', async () => {
    const first = await late({ fallbackChannels: ['WHATSAPP', 'SMS'] });
    const second = await store.find(await standInOf(first));
    const third = await store.accept({ fallbackOf: second.id, lane: 'transactional' });
    await reported(first, 'DELIVERED');
    await dispatch(third.id);
    expect([provider.asked, (await store.find(third.id)).status]).toEqual([[], 'SUPPRESSED']);
  });

  test('goes out while the other may yet arrive', async () => {
    const first = await late();
    const id = await standInOf(first);
    await reported(first, 'SENT');
    await dispatch(id);
    expect([provider.asked.map((message) => message.id), (await store.find(id)).status]).toEqual([[id], 'SENT']);
  });
});
