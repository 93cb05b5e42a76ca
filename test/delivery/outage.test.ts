import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Dispatcher } from '../../src/delivery/dispatch.js';
import type { ProviderHealth } from '../../src/delivery/provider-health.js';
import { providerError } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { acceptMany, statusesOf, TestProvider } from './test-provider.js';

let store: TestStore;
let provider: TestProvider;
let dispatcher: Dispatcher;
let health: ProviderHealth;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(() => {
  provider = new TestProvider(store);
  ({ dispatcher, health } = provider.worker());
});

/** So long ago that the circuit has been open for as long. */
function outage(msAgo = 0): void {
  for (let count = 0; count < 20; count++) health.failed('twilio', providerError(), 1, Date.now() - msAgo);
}

/** Changes with each new version of a row, and with each lock on it. */
const versions = async (ids: readonly string[]): Promise<unknown> =>
  (await sql`select id, xmin, xmax, ctid from messages where id = any(${ids}::uuid[]) order by id`.execute(store.db.sql)).rows;

describe('while nobody takes messages of a channel', () => {
  test('its messages are not even looked at, and their job is put off', async () => {
    const ids = await acceptMany(store, 20);
    const before = await versions(ids);
    outage();
    expect(await dispatcher.run('otp', ids, 'SMS')).toEqual(ids);
    expect([provider.asked, await versions(ids)]).toEqual([[], before]);
    expect(dispatcher.admission.waitMs('otp', 'SMS')).toBeGreaterThan(5_000);
  });

  test('those of another channel go their way', async () => {
    const [id = ''] = await acceptMany(store, 1, { channel: 'WHATSAPP', templateCode: 'reminder' });
    outage();
    expect(await dispatcher.run('otp', [id], 'WHATSAPP')).toEqual([]);
    expect((await store.find(id)).errorMessage).toBe('No provider is set up for WHATSAPP.');
  });

  test('a job waits out a short pause, and is put off no longer', async () => {
    const ids = await acceptMany(store, 3);
    health.failed('twilio', providerError('RATE_LIMITED', { retryAfterSeconds: 0.3 }), 1);
    expect(await dispatcher.run('bulk', ids, 'SMS')).toEqual([]);
    expect(new Set(await statusesOf(store, ids))).toEqual(new Set(['SENT']));
    expect(dispatcher.admission.waitMs('bulk', 'SMS')).toBe(0);
  });

  test('a trial takes five, however many jobs want to be it, and the others are left as they are', async () => {
    const ids = await acceptMany(store, 40);
    const before = new Map(((await versions(ids)) as { id: string }[]).map((row) => [row.id, row]));
    outage(10_000);
    const gate = Promise.withResolvers<void>();
    provider.send = async ({ id }) => gate.promise.then(() => ({ providerMessageId: id }));
    const running = Promise.all([0, 10, 20, 30].map((from) => dispatcher.run('bulk', ids.slice(from, from + 10), 'SMS')));
    await expect.poll(() => provider.asked.length).toBe(5);
    const others = ids.filter((id) => !provider.asked.some((message) => message.id === id));
    expect(await versions(others)).toEqual(others.toSorted().map((id) => before.get(id)));
    gate.resolve();
    expect((await running).flat()).toEqual([]);
    expect(new Set(await statusesOf(store, ids))).toEqual(new Set(['SENT']));
  });

  test('a job for which a trial has no room left waits, and holds up nothing else', async () => {
    outage(10_000);
    const { admission } = dispatcher;
    expect(admission.take('SMS', 10)).toBe(5);
    const opening = admission.opens('SMS', new AbortController().signal);
    expect(await Promise.race([opening, pause(20, 'waits')])).toBe('waits');
    admission.give('SMS', 5);
    expect(await opening).toBe(true);
  });

  test('a process that stops keeps no job waiting', async () => {
    const ids = await acceptMany(store, 2);
    health.failed('twilio', providerError('RATE_LIMITED', { retryAfterSeconds: 0.9 }), 1);
    const running = dispatcher.run('otp', ids, 'SMS');
    dispatcher.stop();
    expect(await running).toEqual(ids);
    expect(await statusesOf(store, ids)).toEqual(['QUEUED', 'QUEUED']);
  });
});
