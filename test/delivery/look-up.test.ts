import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Fallback } from '../../src/delivery/fallback.js';
import { StatusLookUp } from '../../src/delivery/look-up.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import type { LookUp, MessageProvider, Receipt } from '../../src/delivery/provider.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { ObservedPublisher } from '../../src/messages/observed-publisher.js';
import { newId } from '../../src/platform/ids.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { outcomeSettings, receipt, sendingRow, sentRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let lookUp: StatusLookUp;
/** What the provider says of each message, by our id. */
let answers: Map<string, LookUp>;
let asked: string[];
let metrics: Metrics;
/** Of a test's messages. */
let toHash: Buffer;
let whileAsked: () => Promise<unknown>;

beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(() => {
  answers = new Map();
  asked = [];
  metrics = new Metrics();
  toHash = randomBytes(16);
  whileAsked = () => Promise.resolve();
  const provider = {
    name: 'twilio',
    channels: ['SMS'],
    lookUp: async ({ id }: { id: string }) => {
      asked.push(id);
      await whileAsked();
      return answers.get(id) ?? { found: 'unknown', reason: 'It could not be asked.' };
    },
  } as unknown as MessageProvider;
  const { db, acceptance, optOuts, sealer, told } = store;
  // Not whole milliseconds: 2.01 seconds are 2009.9999999999998.
  const settings = { ...outcomeSettings(), timeoutMs: 2.01 * 1000 };
  lookUp = new StatusLookUp(
    db,
    new ProviderDirectory([provider], {}),
    new Fallback(acceptance, sealer),
    optOuts,
    new ObservedPublisher(told, metrics),
    sealer,
    pino({ level: 'silent' }),
    settings,
  );
});

const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
const unconfirmed = (overrides: Partial<MessageRow> = {}): Promise<MessageRow> => {
  const {
    id: _id,
    tenantId: _tenant,
    sealed: _sealed,
    ...row
  } = sendingRow({ status: 'UNCONFIRMED', askedAt: ago(1), toHash, ...overrides });
  return store.accept(row);
};
const sent = (overrides: Partial<MessageRow> = {}): Promise<MessageRow> => unconfirmed({ ...sentRow({ sentAt: ago(10) }), ...overrides });
const found = (row: MessageRow, of: Partial<Receipt> = {}, providerMessageId = `SM-${row.id}`): void =>
  void answers.set(row.id, { found: true, providerMessageId, receipt: receipt({ status: null, providerStatus: 'queued', ...of }) });

describe('an unanswered message', () => {
  test('that the provider has is SENT, under its id', async () => {
    const row = await unconfirmed();
    found(row);
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'SENT', providerMessageId: `SM-${row.id}`, attempts: 1 });
  });

  test('that the provider has delivered is DELIVERED', async () => {
    const row = await unconfirmed();
    found(row, { status: 'DELIVERED' });
    await lookUp.run([row.id]);
    expect((await store.find(row.id)).status).toBe('DELIVERED');
    expect((await store.events(row.id)).at(-1)).toMatchObject({ status: 'DELIVERED', previousStatus: 'UNCONFIRMED', source: 'POLL' });
  });

  test('that the provider never took goes back into the queue, at once', async () => {
    const row = await unconfirmed();
    answers.set(row.id, { found: false });
    await lookUp.run([row.id]);
    const now = await store.find(row.id);
    expect(now).toMatchObject({ status: 'QUEUED', attempts: 1, claims: 1 });
    expect(now.dueAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('that will be sent again is told and counted as one that met a time-out', async () => {
    const row = await unconfirmed();
    answers.set(row.id, { found: false });
    await lookUp.run([row.id]);
    const again = { status: 'QUEUED', source: 'POLL', attempt: 1, errorKind: 'TIMEOUT', errorRetryable: true };
    expect((await store.events(row.id)).at(-1)).toMatchObject(again);
    expect(await metrics.registry.metrics()).toContain('heliograph_retries_total{provider="twilio",kind="TIMEOUT"} 1');
  });

  test('that somebody asks about within its grace is not sent again: the call may still be on its way', async () => {
    const row = await unconfirmed({ askedAt: ago(0.5) });
    answers.set(row.id, { found: false });
    await lookUp.run([row.id]);
    const now = await store.find(row.id);
    expect(now).toMatchObject({ status: 'UNCONFIRMED', attempts: 1, claims: 1 });
    expect(Math.round(((now.leaseUntil?.getTime() ?? 0) - Date.now()) / 10_000)).toBe(3);
    expect((await store.events(row.id)).filter(({ source }) => source === 'POLL')).toEqual([]);
  });

  test('that was never taken at its last attempt is a dead letter', async () => {
    const row = await unconfirmed({ attempts: 3 });
    answers.set(row.id, { found: false });
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'FAILED', errorKind: 'TIMEOUT' });
  });

  test('that was never taken stays unsent where another message stands in for it', async () => {
    const row = await unconfirmed({ fallbackChannels: ['WHATSAPP'], fallbackId: newId() });
    answers.set(row.id, { found: false });
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'FAILED', errorKind: 'TIMEOUT', fallbackId: row.fallbackId });
  });

  test('of which the provider cannot tell is asked about again, ever later', async () => {
    const [young, old] = [await unconfirmed({ askedAt: ago(0) }), await unconfirmed({ askedAt: ago(30) })];
    await lookUp.run([young.id, old.id]);
    const leases = await Promise.all([young, old].map(async ({ id }) => (await store.find(id)).leaseUntil?.getTime() ?? 0));
    expect(leases.map((lease) => Math.round((lease - Date.now()) / 30_000))).toEqual([2, 30]);
  });

  test.each([
    ['UTILITY', 'FAILED'],
    ['AUTHENTICATION', 'EXPIRED'],
  ] as const)('of which nobody can tell for an hour is given up (%s: %s)', async (category, status) => {
    const row = await unconfirmed({ askedAt: ago(61), category });
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status, leaseUntil: null });
  });

  test('is not judged by the answer to an earlier claim', async () => {
    const row = await unconfirmed();
    answers.set(row.id, { found: false });
    whileAsked = () => sql`update messages set claims = 2, attempts = 2 where id = ${row.id}`.execute(store.db.sql);
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'UNCONFIRMED', claims: 2, attempts: 2 });
  });
});

describe('a message that the provider has under the id of another of ours', () => {
  test('was never taken, and goes back into the queue', async () => {
    const [other, row] = [await sent({ providerMessageId: 'SM-other' }), await unconfirmed()];
    found(row, {}, 'SM-other');
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'QUEUED', providerMessageId: null });
    expect(await store.find(other.id)).toMatchObject({ status: 'SENT', providerMessageId: 'SM-other' });
  });

  test('goes to one of two that are looked for together', async () => {
    const rows = [await unconfirmed(), await unconfirmed()];
    for (const row of rows) found(row, {}, 'SM-one-of-two');
    await lookUp.run(rows.map(({ id }) => id));
    const now = await Promise.all(rows.map(({ id }) => store.find(id)));
    expect(now.map(({ status }) => status)).toEqual(['SENT', 'QUEUED']);
  });

  test('goes to one of two that are looked for at the same time', async () => {
    const rows = [await unconfirmed(), await unconfirmed()];
    for (const row of rows) found(row, {}, 'SM-race');
    await Promise.all(rows.map(({ id }) => lookUp.run([id])));
    const now = await Promise.all(rows.map(({ id }) => store.find(id)));
    expect(now.map(({ status }) => status).toSorted()).toEqual(['QUEUED', 'SENT']);
  });
});

describe('a message that the provider has, while another to the same number has no answer yet', () => {
  test.each(['SENDING', 'UNCONFIRMED'] as const)('is not taken for it (%s)', async (status) => {
    const [row, other] = [await unconfirmed(), await unconfirmed({ status, askedAt: ago(0.1) })];
    found(row, {}, `SM-${other.id}`);
    await lookUp.run([row.id]);
    const { leaseUntil, ...now } = await store.find(row.id);
    expect(now).toMatchObject({ status: 'UNCONFIRMED', providerMessageId: null });
    expect(leaseUntil?.getTime()).toBeGreaterThan(Date.now());
    await sql`update messages set status = 'SENT', provider_message_id = ${`SM-${other.id}`} where id = ${other.id}`.execute(store.db.sql);
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'QUEUED', providerMessageId: null });
  });

  test('is its own where the other went elsewhere', async () => {
    const row = await unconfirmed();
    await unconfirmed({ status: 'SENDING', toHash: randomBytes(16) });
    await unconfirmed({ status: 'SENDING', provider: 'simulator' });
    found(row);
    await lookUp.run([row.id]);
    expect((await store.find(row.id)).status).toBe('SENT');
  });
});

describe('a message that was sent', () => {
  test('and stays silent is asked about again after a quarter of its age, without an event each time', async () => {
    const row = await sent({ sentAt: ago(40) });
    found(row, { status: 'SENT' }, 'SM1');
    await lookUp.run([row.id]);
    const { leaseUntil } = await store.find(row.id);
    expect(Math.round(((leaseUntil?.getTime() ?? 0) - Date.now()) / 60_000)).toBe(10);
    expect(await store.events(row.id)).toHaveLength(1);
  });

  test('is not asked about any more after a day', async () => {
    const row = await sent({ sentAt: ago(25 * 60) });
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status: 'SENT', leaseUntil: null });
  });

  test.each(['DELIVERED', 'READ'] as const)('gets what it cost, also when it has been %s long ago', async (status) => {
    const row = await sent({ status, deliveredAt: ago(5), readAt: status === 'READ' ? ago(4) : null, leaseUntil: null });
    found(row, { status, cost: { amount: '0.0083', currency: 'USD' } }, 'SM1');
    await lookUp.run([row.id]);
    expect(await store.find(row.id)).toMatchObject({ status, costAmount: '0.008300', costCurrency: 'USD' });
  });

  test('and failed goes to its next channel', async () => {
    const row = await sent({ fallbackChannels: ['WHATSAPP'] });
    found(row, { status: 'FAILED' }, 'SM1');
    await lookUp.run([row.id]);
    const { status, fallbackId } = await store.find(row.id);
    expect([status, (await store.find(fallbackId ?? '')).channel]).toEqual(['FAILED', 'WHATSAPP']);
    expect(store.told.hinted).toContain(fallbackId);
  });
});

test.each(['QUEUED', 'SENDING', 'CANCELLED', 'SUPPRESSED'] as const)('nobody is asked about a message that is %s', async (status) => {
  const row = await unconfirmed({ status });
  await lookUp.run([row.id]);
  expect(asked).toEqual([]);
  expect(await store.find(row.id)).toEqual(row);
});
