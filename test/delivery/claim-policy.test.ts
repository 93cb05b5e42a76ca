import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sealContent } from '../../src/messages/message-content.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { storeOptOut, storePerson, type KnownPerson } from '../support/people.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { TestProvider } from './test-provider.js';

let store: TestStore;
let provider: TestProvider;
let number: string;
let last = 0;
beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(() => {
  provider = new TestProvider(store);
  number = `+1415555${String(1000 + last++)}`;
});

function accept(overrides: Partial<MessageRow> = {}): Promise<MessageRow> {
  const { tenantId, sealer, index } = store;
  const content = { to: number, from: null, body: 'Hello', mediaUrls: [] };
  return store.accept({ sealed: sealContent(sealer, tenantId, content), toHash: index.hash(tenantId, number), ...overrides });
}

async function claim(...rows: MessageRow[]): Promise<MessageRow[]> {
  await provider.worker().dispatcher.run(
    'otp',
    rows.map(({ id }) => id),
  );
  return Promise.all(rows.map(({ id }) => store.find(id)));
}

/** The rule that decided, from the event of the change. */
async function ruleOf({ id }: MessageRow): Promise<string | undefined> {
  return (await store.events(id)).at(-1)?.detail?.checks?.find(({ passed }) => !passed)?.rule;
}

const change = (setting: string): Promise<unknown> =>
  sql`update tenants set ${sql.raw(setting)} where id = ${store.tenantId}`.execute(store.db.sql);

const HOUR_MS = 3_600_000;
const clockInKolkata = (ms: number): string =>
  new Date(ms).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });

describe('a claim holds back', () => {
  test.each<[string, string, Partial<MessageRow>, KnownPerson | null]>([
    ['whoever has answered STOP', 'SUPPRESSION', {}, null],
    ['a consent that was withdrawn', 'CONSENT', {}, { consents: { 'SMS UTILITY': 'WITHDRAWN' } }],
    ['MARKETING without consent', 'CONSENT', { category: 'MARKETING' }, { consents: { 'WHATSAPP MARKETING': 'GRANTED' } }],
    ['MARKETING that is not agreed to yet', 'CONSENT', { category: 'MARKETING' }, { consents: { 'SMS MARKETING': 'PENDING' } }],
    ['a topic that is not wanted', 'PREFERENCE', { topic: 'news' }, { preferences: { news: false, visits: true } }],
    ['free text after the session', 'SESSION_WINDOW', { channel: 'WHATSAPP' }, { sessionUntil: new Date() }],
  ])('%s: SUPPRESSED, nothing sent, and the reason told', async (_what, rule, overrides, person) => {
    const row = await accept(overrides);
    if (person) await storePerson(store, number, person);
    else await storeOptOut(store, number);
    const [held] = await claim(row);
    expect(held).toMatchObject({ status: 'SUPPRESSED', attempts: 0, hintAt: null, errorMessage: expect.any(String) });
    expect([await ruleOf(row), provider.asked]).toEqual([rule, []]);
  });

  test.each<[string, Partial<MessageRow>, KnownPerson]>([
    ['MARKETING with consent', { category: 'MARKETING' }, { consents: { 'SMS MARKETING': 'GRANTED' } }],
    ['another category than the one that was withdrawn', {}, { consents: { 'SMS MARKETING': 'WITHDRAWN' } }],
    ['another topic', { topic: 'visits' }, { preferences: { news: false } }],
  ])('but lets %s go', async (_what, overrides, person) => {
    const row = await accept(overrides);
    await storePerson(store, number, person);
    expect(await claim(row)).toMatchObject([{ status: 'SENT' }]);
  });

  test('an opt-out of one category, and of nothing else', async () => {
    await storeOptOut(store, number, 'SERVICE', 'API');
    const [service, utility] = await claim(await accept({ category: 'SERVICE' }), await accept());
    expect([service?.status, utility?.status]).toEqual(['SUPPRESSED', 'SENT']);
  });

  describe('in quiet hours', () => {
    let end: number;
    beforeEach(async () => {
      end = Date.now() + HOUR_MS;
      await storePerson(store, number, { timeZone: 'Asia/Kolkata' });
      const hours = { start: clockInKolkata(end - 2 * HOUR_MS), end: clockInKolkata(end), categories: ['UTILITY'] };
      await change(`quiet_hours = '${JSON.stringify(hours)}'`);
    });
    afterEach(() => change('quiet_hours = null'));

    test('what comes into them: SCHEDULED for their end, with an event that says so', async () => {
      const row = await accept();
      const [held] = await claim(row);
      expect(held).toMatchObject({ status: 'SCHEDULED', hintAt: held?.dueAt, scheduledFor: held?.dueAt });
      expect(Math.abs(Number(held?.dueAt) - end)).toBeLessThan(61_000);
      expect((await store.events(row.id)).at(-1)).toMatchObject({ status: 'SCHEDULED', previousStatus: 'QUEUED', source: 'WORKER' });
      expect([await ruleOf(row), provider.asked]).toEqual(['QUIET_HOURS', []]);
    });

    test('what would come after its validity: EXPIRED', async () => {
      const [held] = await claim(await accept({ expiresAt: new Date(Date.now() + 60_000) }));
      expect([held?.status, provider.asked]).toEqual(['EXPIRED', []]);
    });
  });

  test('what no implied consent covers any longer', async () => {
    const row = await accept();
    await change(`implied_consent = '{}'`);
    expect(await claim(row)).toMatchObject([{ status: 'SUPPRESSED' }]);
    await change(`implied_consent = '{UTILITY}'`);
  });
});

describe('a frequency cap in the claim', () => {
  beforeAll(() => change(`frequency_caps = '[{"category": "UTILITY", "max": 2, "perSeconds": 3600}]'`));
  afterAll(() => change(`frequency_caps = '[]'`));

  test('counts within the claimed group, and what went out before', async () => {
    const rows = [await accept(), await accept(), await accept()];
    expect((await claim(...rows)).map(({ status }) => status)).toEqual(['SENT', 'SENT', 'SUPPRESSED']);
    expect(await claim(await accept())).toMatchObject([{ status: 'SUPPRESSED' }]);
    expect(provider.asked).toHaveLength(2);
  });

  test('is kept by claims that run at once', async () => {
    const rows = await Promise.all(Array.from({ length: 12 }, () => accept()));
    await Promise.all(rows.map((row) => claim(row)));
    expect(provider.asked).toHaveLength(2);
    const statuses = await Promise.all(rows.map(async ({ id }) => (await store.find(id)).status));
    expect(statuses.filter((status) => status === 'SUPPRESSED')).toHaveLength(10);
  });

  test('does not count a message twice when it is tried again, nor those that never went out', async () => {
    await accept({ status: 'FAILED', askedAt: new Date() });
    await accept({ status: 'SUPPRESSED' });
    await accept({ status: 'DELIVERED', askedAt: new Date(Date.now() - 3_700_000) });
    const sent = await accept({ status: 'SENT', askedAt: new Date() });
    const row = await accept({ askedAt: new Date(), attempts: 1, claims: 1 });
    expect(await claim(row)).toMatchObject([{ status: 'SENT' }]);
    expect(sent.id).not.toBe(row.id);
  });
});
