import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Claims } from '../../src/delivery/claim.js';
import type { Dispatcher } from '../../src/delivery/dispatch.js';
import { moveBatch } from '../../src/messages/batch.queries.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { acceptMany, statusesOf, storeBatch, TestProvider } from './test-provider.js';

let store: TestStore;
let provider: TestProvider;
let claims: Claims;
let dispatcher: Dispatcher;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(() => {
  provider = new TestProvider(store);
  ({ claims, dispatcher } = provider.worker());
});

const accept = (count: number, overrides?: Partial<MessageRow>): Promise<string[]> => acceptMany(store, count, overrides);
const statuses = (ids: readonly string[]): Promise<string[]> => statusesOf(store, ids);

describe('a message that is not due', () => {
  const later = new Date(Date.now() + 3600_000);

  test.each([
    ['waits for its time', { dueAt: later }],
    ['is sent already', { status: 'SENT' }],
    ['was cancelled', { status: 'CANCELLED' }],
    ['is being sent', { status: 'SENDING' }],
  ] as const)('because it %s is left alone', async (_what, overrides) => {
    const row = await store.accept(overrides);
    await dispatcher.run('otp', [row.id]);
    expect([provider.asked, await store.find(row.id)]).toEqual([[], row]);
  });

  test('because it has outlived its validity is EXPIRED', async () => {
    const { id } = await store.accept({ expiresAt: new Date() });
    await dispatcher.run('otp', [id]);
    expect([provider.asked, (await store.find(id)).status]).toEqual([[], 'EXPIRED']);
  });

  test('because another message stands in for it has FAILED', async () => {
    const { id } = await store.accept({ fallbackId: newId(), attempts: 1, errorKind: 'UNREACHABLE', errorRetryable: true });
    await dispatcher.run('otp', [id]);
    expect([provider.asked, await store.find(id)]).toMatchObject([[], { status: 'FAILED', attempts: 1, errorKind: 'UNREACHABLE' }]);
  });

  test('because the tenant does not allow its country is SUPPRESSED', async () => {
    await sql`update tenants set allowed_countries = '{SA}' where id = ${store.tenantId}`.execute(store.db.sql);
    const { id } = await store.accept();
    await dispatcher.run('otp', [id]);
    await sql`update tenants set allowed_countries = null where id = ${store.tenantId}`.execute(store.db.sql);
    expect([provider.asked, (await store.find(id)).status]).toEqual([[], 'SUPPRESSED']);
    expect((await store.events(id)).at(-1)?.detail?.checks?.[0]).toMatchObject({ rule: 'COUNTRY', passed: false });
  });

  test('because messaging is off waits, and says so', async () => {
    const { id } = await store.accept();
    await provider.worker({ messagingEnabled: false }).dispatcher.run('otp', [id]);
    const row = await store.find(id);
    expect(row).toMatchObject({
      status: 'QUEUED',
      attempts: 0,
      errorKind: null,
      errorMessage: expect.stringContaining('MESSAGING_ENABLED'),
    });
    expect(row.dueAt.getTime()).toBeGreaterThan(Date.now() + 50_000);
    expect(row.hintAt).toEqual(row.dueAt);
  });

  test('because no provider serves its channel waits, and says so', async () => {
    const { id } = await store.accept({ channel: 'WHATSAPP', templateCode: 'reminder' });
    await dispatcher.run('otp', [id]);
    expect(await store.find(id)).toMatchObject({ status: 'QUEUED', errorMessage: 'No provider is set up for WHATSAPP.' });
    expect(await store.events(id)).toHaveLength(1);
  });
});

describe('a message of a batch', () => {
  test.each([
    ['PAUSED', 'QUEUED'],
    ['CANCELLED', 'CANCELLED'],
    ['RUNNING', 'SENT'],
    ['COMPLETED', 'SENT'],
  ])('that is %s becomes %s', async (status, expected) => {
    const [id = ''] = await accept(1, { batchId: await storeBatch(store, status) });
    await dispatcher.run('bulk', [id]);
    expect(await statuses([id])).toEqual([expected]);
  });

  test('that is paused waits for nobody’s hint', async () => {
    const [id = ''] = await accept(1, { batchId: await storeBatch(store, 'PAUSED') });
    await dispatcher.run('bulk', [id]);
    expect((await store.find(id)).hintAt).toBeNull();
  });
});

test('a lease begins when all is known that a claim waits for', async () => {
  const [id = ''] = await accept(1);
  const blocking = store.db.transaction(async (tx) => {
    await sql`lock table tenants in access exclusive mode`.execute(tx);
    await pause(1_000);
  });
  await pause(100);
  const [claimed] = await provider.worker({ leaseMs: 600 }).claims.take([id]);
  await blocking;
  expect(claimed?.row.leaseUntil?.getTime()).toBeGreaterThan(Date.now());
});

test('a pause waits for claims under way, and none follows it', async () => {
  const batchId = await storeBatch(store, 'RUNNING');
  const ids = await accept(2, { batchId });
  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  // Claims write events: this stops one in the middle.
  const blocking = store.db.transaction(async (tx) => {
    await sql`lock table message_events in share mode`.execute(tx);
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  const claiming = claims.take(ids.slice(0, 1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  let isPaused = false;
  const pausing = store.db.transaction((tx) => moveBatch(tx, store.tenantId, batchId, ['RUNNING'], 'PAUSED')).then(() => (isPaused = true));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(isPaused).toBe(false);
  release.resolve();
  await Promise.all([blocking, pausing]);
  expect(await claiming).toHaveLength(1);
  expect(await claims.take(ids)).toEqual([]);
  expect(await statuses(ids)).toEqual(['SENDING', 'QUEUED']);
});
