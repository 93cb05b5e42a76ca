import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChargeReader } from '../../src/delivery/charge-reader.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { spend } from '../../src/statistics/spend.js';
import { rfc2822, type TwilioMessage } from '../support/twilio-account.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { startTwilio, type StartedTwilio } from './twilio/start-twilio.js';

const HOUR_MS = 3_600_000;

let store: TestStore;
let twilio: StartedTwilio;
/** What workers were called to. */
let called: number[];
beforeEach(async () => {
  [store, twilio] = await Promise.all([openTestStore(), startTwilio()]);
  called = [];
  await reader().call();
  await readFrom(2 * HOUR_MS);
});
afterEach(() => Promise.all([store.close(), twilio.close()]));

function reader(): ChargeReader {
  const queue = { callCharges: async (due: number) => void called.push(due) };
  const directory = new ProviderDirectory([twilio.provider], {});
  return new ChargeReader(store.db, directory, queue, { inc: () => undefined }, pino({ level: 'silent' }), { timeoutMs: 2.01 * 1000 });
}

/** As if everything had been read up to so long ago, and were due. */
const readFrom = (ago: number): Promise<unknown> =>
  sql`update charge_readings set read_until = now() - ${ago} * interval '1 ms', next_at = now() - interval '1 second', window_end = null, page = null`.execute(
    store.db.sql,
  );

const later = (): Promise<unknown> => sql`update charge_readings set next_at = now() - interval '1 second'`.execute(store.db.sql);

interface Sent {
  row?: Partial<MessageRow>;
  record?: Partial<TwilioMessage>;
  ago?: number;
}

/** A message that Twilio took and sent so long ago, and has a price of. Returns our id. */
async function sent({ row = {}, record = {}, ago = 1.5 * HOUR_MS }: Sent = {}): Promise<string> {
  const form = new URLSearchParams({ To: '+14155550100', From: '+15005550006', Body: 'Hello' });
  const taken = Object.assign(twilio.server.account.take(form), {
    price: '-0.00830',
    date_sent: rfc2822(new Date(Date.now() - ago)),
    ...record,
  });
  const { id } = await store.accept({ provider: 'twilio', providerMessageId: taken.sid, status: 'DELIVERED', sentAt: new Date(), ...row });
  return id;
}

const costOf = async (id: string): Promise<unknown> => {
  const { costAmount, costCurrency } = await store.find(id);
  return costAmount === null ? null : [costAmount, costCurrency];
};

const lists = (): URLSearchParams[] => twilio.server.requests.map(({ query }) => query);

test('a message is charged what Twilio tells an hour after it went out, and no event tells of it', async () => {
  const id = await sent();
  const events = await store.events(id);
  await reader().runDue();
  expect(await costOf(id)).toEqual(['0.008300', 'USD']);
  expect(await store.events(id)).toEqual(events);
});

test('its tenant has spent the price from then on, and no longer the estimate', async () => {
  const spent = () => spend.between(store.db.sql, store.tenantId, 'USD', new Date(Date.now() - HOUR_MS), new Date(Date.now() + HOUR_MS));
  await sent({ row: { estimateAmount: '0.0100', estimateCurrency: 'USD', createdAt: new Date() } });
  expect(Number(await spent())).toBe(0.01);
  await reader().runDue();
  expect(Number(await spent())).toBe(0.0083);
});

test('what has no price then is asked about a day after it went out', async () => {
  const id = await sent({ record: { price: null } });
  await reader().runDue();
  expect(await costOf(id)).toBeNull();
  const taken = twilio.server.message((await store.find(id)).providerMessageId ?? '');
  Object.assign(taken, { price: '-0.0050', date_sent: rfc2822(new Date(Date.now() - 24.5 * HOUR_MS)) });
  await readFrom(25 * HOUR_MS);
  await sql`update charge_readings set next_at = now() + interval '1 hour' where delay_seconds = 3600`.execute(store.db.sql);
  await reader().runDue();
  expect(await costOf(id)).toEqual(['0.005000', 'USD']);
});

test('what went out less than an hour ago is left for the next time', async () => {
  const id = await sent({ ago: HOUR_MS / 2 });
  await reader().runDue();
  expect(await costOf(id)).toBeNull();
});

describe('nothing is changed of a message', () => {
  test.each<[string, Sent]>([
    ['that was charged already', { row: { costAmount: '0.0100', costCurrency: 'EUR' } }],
    ['that another provider has', { row: { provider: 'other' } }],
    ['that is being sent again', { row: { status: 'SENDING', claims: 2 } }],
  ])('%s', async (_what, given) => {
    const id = await sent(given);
    const before = await store.find(id);
    await reader().runDue();
    expect(await store.find(id)).toEqual(before);
    expect(lists()).not.toEqual([]);
  });
});

describe('a window of several pages', () => {
  const SIZE = 1_000;
  const strangers = (count: number): void => {
    for (let n = 0; n < count; n++)
      Object.assign(twilio.server.account.take(new URLSearchParams({ To: '+14155550100' })), {
        price: '-0.0083',
        date_sent: rfc2822(new Date(Date.now() - 1.5 * HOUR_MS)),
      });
  };

  test('is read to its end, each page once, however many workers come to it, past what others sent by the account', async () => {
    const first = await sent();
    strangers(2 * SIZE);
    const last = await sent();
    await sql`delete from charge_readings where delay_seconds > 3600`.execute(store.db.sql);
    await Promise.all([reader().runDue(), reader().runDue(), reader().runDue()]);
    await reader().runDue();
    expect([await costOf(first), await costOf(last)]).toEqual([
      ['0.008300', 'USD'],
      ['0.008300', 'USD'],
    ]);
    const pages = lists().map((query) => query.get('Page'));
    expect(pages.filter((page) => page !== null).toSorted()).toEqual(['1', '2']);
  });

  test('goes on where a process died, once its lease is over', async () => {
    const id = await sent();
    strangers(SIZE);
    await sql`delete from charge_readings where delay_seconds > 3600`.execute(store.db.sql);
    twilio.server.next({}, { answer: 'silence' });
    const dying = reader().runDue();
    await expect.poll(() => lists().length).toBe(2);
    expect(await costOf(id)).toBeNull();
    await later();
    await reader().runDue();
    expect(await costOf(id)).toEqual(['0.008300', 'USD']);
    expect(
      lists()
        .map((query) => query.get('Page'))
        .slice(0, 3),
    ).toEqual([null, '1', '1']);
    await dying;
  });

  test('begins anew a minute after Twilio refused a page of it', async () => {
    const id = await sent();
    strangers(SIZE);
    await sql`delete from charge_readings where delay_seconds > 3600`.execute(store.db.sql);
    twilio.server.next({}, { answer: { status: 400, code: 20001 } });
    await reader().runDue();
    const asked = lists().length;
    await reader().runDue();
    expect([lists().length, await costOf(id)]).toEqual([asked, null]);
    await later();
    await reader().runDue();
    expect(await costOf(id)).toEqual(['0.008300', 'USD']);
  });
});

describe('by the clock', () => {
  test('workers are called where something is due, and not in the ten minutes after everything is read', async () => {
    await reader().call();
    await reader().runDue();
    await reader().call();
    expect(called).toEqual([0, 2, 0]);
  });

  test('a provider that is new is asked about what goes out from then on', async () => {
    await sql`delete from charge_readings`.execute(store.db.sql);
    await reader().call();
    const { rows } = await sql<{ hours: number }>`
      select round(extract(epoch from next_at - read_until) / 3600)::int as hours from charge_readings where read_until > now() - interval '1 minute'
      order by 1`.execute(store.db.sql);
    expect(rows).toEqual([{ hours: 1 }, { hours: 24 }]);
  });
});
