import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Dispatcher } from '../../src/delivery/dispatch.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { providerError } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { acceptMany, statusesOf, storeBatch, TestProvider } from './test-provider.js';

let store: TestStore;
let provider: TestProvider;
let dispatcher: Dispatcher;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(() => {
  provider = new TestProvider(store);
  ({ dispatcher } = provider.worker());
});

const accept = (count: number, overrides?: Partial<MessageRow>): Promise<string[]> => acceptMany(store, count, overrides);
const statuses = (ids: readonly string[]): Promise<string[]> => statusesOf(store, ids);

describe('a due message', () => {
  test('is claimed, handed to its provider and recorded', async () => {
    const [id = ''] = await accept(1);
    expect(await dispatcher.run('otp', [id])).toEqual([]);
    expect(provider.asked).toMatchObject([{ id, attempt: 1, channel: 'SMS', to: '+14155550100', body: 'Hello' }]);
    expect(await store.find(id)).toMatchObject({
      status: 'SENT',
      provider: 'twilio',
      providerMessageId: `SM-${id}`,
      attempts: 1,
      claims: 1,
    });
    expect((await store.events(id)).map(({ status }) => status)).toEqual(['QUEUED', 'SENDING', 'SENT']);
  });

  test('is sent once, however many workers are told of it', async () => {
    const ids = await accept(20);
    const workers = [1, 2, 3].map(() => provider.worker().dispatcher);
    await Promise.all([...workers, ...workers].map((one) => one.run('bulk', ids)));
    expect(provider.asked.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(new Set(await statuses(ids))).toEqual(new Set(['SENT']));
  });

  test('of any number is claimed as there are places, and not before', async () => {
    const ids = await accept(30);
    const gate = Promise.withResolvers<void>();
    provider.send = async ({ id }) => gate.promise.then(() => ({ providerMessageId: id }));
    const running = dispatcher.run('bulk', ids);
    await expect.poll(() => provider.asked.length).toBe(7);
    expect((await statuses(ids)).filter((status) => status === 'SENDING')).toHaveLength(7);
    gate.resolve();
    await running;
    expect(provider.asked).toHaveLength(30);
  });

  test('that has waited too long for a connection goes back, and through the gate again', async () => {
    ({ dispatcher } = provider.worker({ staleMs: 200 }));
    await dispatcher.run('bulk', await accept(300));
    const [batchId, gate] = [await storeBatch(store, 'RUNNING'), Promise.withResolvers<void>()];
    const ids = await accept(60, { batchId });
    provider.asked.length = 0;
    provider.send = async ({ id }) => gate.promise.then(() => ({ providerMessageId: id }));
    const running = dispatcher.run('bulk', ids);
    await expect.poll(async () => (await statuses(ids)).filter((status) => status === 'SENDING').length).toBeGreaterThan(12);
    await sql`update batches set status = 'PAUSED' where id = ${batchId}`.execute(store.db.sql);
    await new Promise((resolve) => setTimeout(resolve, 250));
    gate.resolve();
    await running;
    expect(provider.asked).toHaveLength(12);
    expect((await statuses(ids)).filter((status) => status === 'QUEUED')).toHaveLength(48);
  });

  test('that goes back unsent keeps the provider that failed it, so that the next try goes to another', async () => {
    ({ dispatcher } = provider.worker({ leaseMs: 100 }));
    const asked = {
      provider: 'unifonic',
      errorKind: 'PROVIDER_UNAVAILABLE',
      askedAt: new Date(5_000),
      firstAskedAt: new Date(1_000),
    } as const;
    const { id } = await store.accept({ ...asked, attempts: 1 });
    await dispatcher.run('otp', [id]);
    expect([provider.asked, await store.find(id)]).toMatchObject([[], { ...asked, status: 'QUEUED', attempts: 1 }]);
  });

  test('goes out although its claim took longer than anything may wait, as it does far from the database', async () => {
    ({ dispatcher } = provider.worker({ staleMs: 100 }));
    const ids = await accept(3);
    const running = await store.db.transaction(async (tx) => {
      await sql`select pg_advisory_xact_lock(address_place(tenant_id, to_hash)) from messages where id = any(${ids}::uuid[])`.execute(tx);
      const begun = dispatcher.run('bulk', ids);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { begun };
    });
    await running.begun;
    expect(new Set(await statuses(ids))).toEqual(new Set(['SENT']));
  });

  test('is tried again after a refusal that may pass, as the next attempt', async () => {
    const [id = ''] = await accept(1);
    provider.send = () => Promise.reject(providerError('UNREACHABLE'));
    await dispatcher.run('otp', [id]);
    await sql`update messages set due_at = now() - interval '1 second', provider_message_id = 'SM-old', sent_at = now() where id = ${id}`.execute(
      store.db.sql,
    );
    provider.send = () => Promise.reject(providerError('TIMEOUT', { answered: false }));
    await dispatcher.run('otp', [id]);
    expect(provider.asked.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await store.find(id)).toMatchObject({ status: 'UNCONFIRMED', attempts: 2, providerMessageId: null, sentAt: null });
  });

  test('is tried again within a day, however long the provider asks it to wait', async () => {
    provider.send = async () => Promise.reject(providerError('RATE_LIMITED', { retryAfterSeconds: 9_999_999_999_999 }));
    const [id = ''] = await accept(1);
    await dispatcher.run('otp', [id]);
    const { status, dueAt } = await store.find(id);
    expect(status).toBe('QUEUED');
    expect(dueAt.getTime()).toBeLessThan(Date.now() + 24 * 3600_000);
  });

  test('whose call breaks off for a fault of ours may have been sent', async () => {
    const [id = ''] = await accept(1);
    provider.send = () => Promise.reject(new TypeError('undefined is not a function'));
    await dispatcher.run('otp', [id]);
    expect((await store.find(id)).status).toBe('UNCONFIRMED');
  });

  test.each([
    ['is erased', null, 'FAILED'],
    ['cannot be opened', Buffer.from('sealed by another key'), 'QUEUED'],
  ])('whose content %s is not sent, and surely so', async (_what, sealed, status) => {
    const [id = ''] = await accept(1, { sealed });
    await dispatcher.run('otp', [id]);
    expect(provider.asked).toEqual([]);
    expect(await store.find(id)).toMatchObject({ status, errorMessage: 'The content cannot be opened.' });
  });
});

describe('a process that stops', () => {
  test('claims nothing more and says what it has not looked at', async () => {
    const ids = await accept(3);
    dispatcher.stop();
    expect(await dispatcher.run('otp', ids)).toEqual(ids);
    expect(await statuses(ids)).toEqual(['QUEUED', 'QUEUED', 'QUEUED']);
  });

  test('waits for the calls under way, and names those that still wait for a place', async () => {
    const ids = await accept(10);
    const gate = Promise.withResolvers<void>();
    provider.send = async ({ id }) => gate.promise.then(() => ({ providerMessageId: id }));
    ({ dispatcher } = provider.worker({ concurrency: 4 }));
    const running = dispatcher.run('otp', ids);
    await expect.poll(() => provider.asked.length).toBe(4);
    dispatcher.stop();
    gate.resolve();
    const rest = await running;
    expect(rest.toSorted()).toEqual(ids.filter((id) => !provider.asked.some((message) => message.id === id)).toSorted());
    expect(new Set(await statuses(rest))).toEqual(new Set(['QUEUED']));
    expect(new Set(await statuses(provider.asked.map(({ id }) => id)))).toEqual(new Set(['SENT']));
  });

  test('cuts the calls under way when its time is over; they may have been sent', async () => {
    const ids = await accept(2);
    provider.send = (_message, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(providerError('TIMEOUT', { answered: false }))));
    const running = dispatcher.run('otp', ids);
    await expect.poll(() => provider.asked.length).toBe(2);
    dispatcher.stop();
    dispatcher.abort();
    await running;
    expect(await statuses(ids)).toEqual(['UNCONFIRMED', 'UNCONFIRMED']);
  });
});

test('a call that could outlive the claim is not begun', async () => {
  const [id = ''] = await accept(1);
  await provider.worker({ leaseMs: 900, timeoutMs: 500 }).dispatcher.run('otp', [id]);
  expect(provider.asked).toEqual([]);
  expect(await store.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0, claims: 1 });
});
