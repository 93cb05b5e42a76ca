import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { periodOf } from '../../src/messages/budget-period.js';
import { foldFigures } from '../../src/statistics/fold.queries.js';
import { given, inSeconds, messageIn } from '../support/given.js';
import { MESSAGE, onMessage, SEND, SEND_BULK } from '../support/operations.js';
import { freePort } from '../support/program.js';
import { countsAgree } from '../support/reckoning.js';
import { rowsOf } from '../support/stored.js';
import type { TestTenant } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTwilioServer, type TwilioServer } from '../support/twilio-server.js';
import { csv, numbers, upload } from '../support/upload.js';

const SET = `mutation ($input: BudgetInput!) {
  setBudget(input: $input) { tenant { budgets { period limit { amount currency } spent { amount currency } warnAt hardStop } } userErrors { code field } }
}`;
/** What the simulator takes for an SMS to the United States. */
const PRICE = '0.0075';

let run: TestApp;
let tenant: TestTenant;
let last = 0;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());
beforeEach(async () => {
  tenant = await run.withTenant(`budget-${last++}`);
});

const set = async (input: object): Promise<any> =>
  (await tenant.admin.mutate(SET, { input: { period: 'DAY', limit: '1', currency: 'USD', ...input } })).setBudget;
const send = async (input: object = {}): Promise<any> =>
  (await tenant.admin.mutate(SEND, { input: { to: '+14155550101', body: 'Hello', ...input } })).sendMessage;
const afterSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_100));

describe('setBudget', () => {
  test('keeps one budget for each period, and tells what was spent of it', async () => {
    await messageIn(tenant.admin, 'DELIVERED', (await given.message(tenant.admin)).id);
    await set({ limit: '5' });
    const { tenant: changed } = await set({ limit: '10.50', warnAt: 0.5 });
    await set({ period: 'MONTH', limit: '100', hardStop: true });
    const spent = { amount: PRICE, currency: 'USD' };
    const day = { period: 'DAY', limit: { amount: '10.5', currency: 'USD' }, spent, warnAt: 0.5, hardStop: false };
    expect(changed.budgets).toEqual([day]);
    const { viewer } = await tenant.viewer.query('{ viewer { tenant { budgets { period hardStop } } } }');
    expect(viewer.tenant.budgets).toEqual([
      { period: 'DAY', hardStop: false },
      { period: 'MONTH', hardStop: true },
    ]);
  });

  test('is an administrator’s act, and stands in the audit log', async () => {
    await set({ limit: '7' });
    const [entry] = await rowsOf<any>(
      run,
      `select action, detail from audit_entries where tenant_id = '${tenant.id}' order by id desc limit 1`,
    );
    expect(entry).toMatchObject({ action: 'budget.set', detail: { before: null, after: { limit: '7' } } });
    expect((await tenant.operator.execute(SET, { input: { period: 'DAY', limit: '1', currency: 'USD' } })).code).toBe('FORBIDDEN');
  });

  test.each([
    ['a limit below 0', { limit: '-1' }, 'limit'],
    ['a limit of seven decimals', { limit: '0.0000001' }, 'limit'],
    ['a currency that is none', { currency: 'GOLD' }, 'currency'],
    ['a share above 1', { warnAt: 1.5 }, 'warnAt'],
  ])('refuses %s', async (_what, input, field) => {
    expect(await set(input)).toEqual({ tenant: null, userErrors: [{ code: 'INVALID_INPUT', field: [field] }] });
    expect(await rowsOf(run, `select * from budgets where tenant_id = '${tenant.id}'`)).toEqual([]);
  });
});

describe('a budget with a hard stop', () => {
  test('refuses what would pass it, of what waits too', async () => {
    await set({ limit: '0.02', hardStop: true });
    expect((await send()).userErrors).toEqual([]);
    expect((await send()).userErrors).toEqual([]);
    expect((await send()).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED', field: [] }]);
    await afterSecond();
    expect((await send()).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED' }]);
  });

  test('counts what is to go out in a later period, too', async () => {
    await set({ limit: '0.02', hardStop: true });
    const tomorrow = { sendAt: inSeconds(26 * 3600) };
    expect((await send(tomorrow)).userErrors).toEqual([]);
    expect((await send(tomorrow)).userErrors).toEqual([]);
    expect((await send(tomorrow)).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED', field: [] }]);
    await afterSecond();
    expect((await send()).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED' }]);
    expect(await rowsOf(run, `select status from messages where tenant_id = '${tenant.id}'`)).toHaveLength(2);
  });

  test('counts nothing that was accepted before its period', async () => {
    await given.scheduled(tenant.admin);
    await rowsOf(run, `update messages set id = uuid_floor(now() - interval '25 hours') where tenant_id = '${tenant.id}'`);
    await set({ limit: '0.01', hardStop: true });
    expect((await send()).userErrors).toEqual([]);
    expect((await send()).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED' }]);
  });

  test('lets through of a bulk send as many as fit', async () => {
    await set({ limit: '0.05', hardStop: true });
    const recipients = numbers(10).map((to) => ({ to }));
    const { sendBulk } = await tenant.admin.mutate(SEND_BULK, { input: { name: 'Sale', body: 'Hello', recipients } });
    expect(sendBulk.batch).toMatchObject({ total: 10, rejected: 4 });
    expect(sendBulk.rejected.every(({ code }: any) => code === 'BUDGET_EXCEEDED')).toBe(true);
  });

  test('holds back what was accepted before, until there is money again', async () => {
    const { message } = await send({ sendAt: new Date(Date.now() + 1_500).toISOString() });
    await set({ limit: '0', hardStop: true });
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    const waiting = (await tenant.admin.query(MESSAGE, { id: message.id })).message;
    expect(waiting).toMatchObject({ status: 'QUEUED', attempts: 0 });
    expect(waiting.explanation.summary).toContain('budget of the day is used up');
    expect(run.simulator.asked(message.id)).toBe(0);
  });

  test.each([
    ['without a hard stop', { limit: '0' }],
    ['of another currency', { limit: '0.000001', currency: 'SAR', hardStop: true }],
  ])('but one %s stops nothing', async (_what, budget) => {
    await set(budget);
    expect((await send()).userErrors).toEqual([]);
  });
});

describe('a budget with a hard stop, asked by many at once', () => {
  const bulk = async (recipients: object[], input: object = {}): Promise<any> =>
    (await tenant.admin.mutate(SEND_BULK, { input: { name: 'Sale', body: 'Hello', recipients, ...input } })).sendBulk;
  const accepted = async (): Promise<number> => (await rowsOf(run, `select id from messages where tenant_id = '${tenant.id}'`)).length;

  test('lets through as many single sends as fit', async () => {
    await set({ limit: '0.02', hardStop: true });
    const sent = await Promise.all(numbers(20).map((to) => send({ to })));
    expect(sent.filter(({ message }) => message)).toHaveLength(2);
    expect(sent.flatMap(({ userErrors }) => userErrors.map(({ code }: any) => code))).toEqual(Array(18).fill('BUDGET_EXCEEDED'));
    expect(await accepted()).toBe(2);
  });

  test('does so when its reading is old, too', async () => {
    await set({ limit: '0.03', hardStop: true });
    expect((await send()).userErrors).toEqual([]);
    await afterSecond();
    await Promise.all(numbers(20).map((to) => send({ to })));
    expect(await accepted()).toBe(4);
  });

  test('lets through of bulk sends as many as fit, and of an upload', async () => {
    await set({ limit: '7.5', hardStop: true });
    const file = csv('to', ...numbers(600, 5000));
    const [answer, ...batches] = await Promise.all([
      upload(tenant.admin, file),
      ...[0, 1, 2].map((n) => bulk(numbers(600, n * 600).map((to) => ({ to })))),
    ]);
    const kept = [answer.body, ...batches.map(({ batch }) => batch)].map(({ total, rejected }: any) => total - rejected);
    expect(kept.reduce((sum, one) => sum + one, 0)).toBe(1000);
    expect(await accepted()).toBe(1000);
  });

  test('is spent once by what is sent again with its key', async () => {
    await set({ limit: '0.04', hardStop: true });
    const batch = (): Promise<any> => bulk([{ to: '+14155550101' }], { idempotencyKey: 'b' });
    const single = (): Promise<any> => send({ idempotencyKey: 's' });
    for (const again of [single, batch]) {
      const first = await again();
      for (let n = 0; n < 4; n++)
        expect(await again()).toMatchObject({ userErrors: [], ...(first.batch ? { batch: { id: first.batch.id } } : {}) });
    }
    expect((await send()).userErrors).toEqual([]);
    expect(await accepted()).toBe(3);
  });

  test('is spent once by a file that is uploaded twice at once with one key', async () => {
    await set({ limit: '0.15', hardStop: true });
    const once = (): Promise<any> => upload(tenant.admin, csv('to', ...numbers(10)), { with: { idempotencyKey: 'u' } });
    await Promise.all([once(), once()]);
    expect((await bulk(numbers(10, 10).map((to) => ({ to })))).batch).toMatchObject({ rejected: 0 });
    expect(await accepted()).toBe(20);
  });

  test('keeps nothing of what could not be stored', async () => {
    await set({ limit: '0.02', hardStop: true });
    await send({ idempotencyKey: 'taken', body: 'Other' });
    for (let n = 0; n < 3; n++) expect((await send({ idempotencyKey: 'taken' })).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    await bulk([{ to: '+14155550101' }], { idempotencyKey: 'bulk', name: 'Other' });
    expect((await send()).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED' }]);
    await set({ limit: '0.03', hardStop: true });
    for (let n = 0; n < 3; n++)
      expect((await bulk([{ to: '+14155550102' }], { idempotencyKey: 'bulk' })).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect((await send()).userErrors).toEqual([]);
    expect(await accepted()).toBe(3);
  });

  test('is not touched by a forecast', async () => {
    await set({ limit: '0.02', hardStop: true });
    const input = { name: 'Sale', body: 'Hello', recipients: numbers(5).map((to) => ({ to })) };
    const query = 'query ($input: SendBulkInput!) { forecastBulk(input: $input) { deliverable } }';
    for (let n = 0; n < 2; n++) expect((await tenant.admin.query(query, { input })).forecastBulk).toEqual({ deliverable: 2 });
    await Promise.all([send(), send()]);
    expect(await accepted()).toBe(2);
  });
});

describe('a budget with a hard stop, where the provider tells no price', () => {
  const BUDGETS = '{ viewer { tenant { budgets { spent { amount } } } } }';
  const REFRESH = 'mutation ($id: ID!) { refreshMessageStatus(id: $id) { message { cost { amount } } userErrors { code } } }';
  let twilio: TwilioServer;
  let own: TestApp;
  let sender: TestTenant;
  beforeAll(async () => {
    twilio = await startTwilioServer();
    const port = await freePort();
    own = await startTestApp({ ...twilio.settings, PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await own.stop();
    await twilio.close();
  });
  beforeEach(async () => {
    sender = await own.withTenant(`priceless-${last++}`);
    await sender.admin.mutate(SET, { input: { period: 'MONTH', limit: '0.01', currency: 'USD', hardStop: true } });
  });

  const sendOne = async (): Promise<any> => (await sender.admin.mutate(SEND, { input: { to: '+14155550101', body: 'Hello' } })).sendMessage;
  const spent = async (): Promise<string> => (await sender.admin.query(BUDGETS)).viewer.tenant.budgets[0].spent.amount;
  const ended = async (callback: string, status: string, errorCode?: number): Promise<string> => {
    const { message } = await sendOne();
    await messageIn(sender.admin, 'SENT', message.id);
    await twilio.postReceipt(message.id, callback, errorCode === undefined ? {} : { errorCode });
    await messageIn(sender.admin, status, message.id);
    return message.id;
  };

  test.each([
    ['DELIVERED', 'delivered', undefined],
    ['FAILED', 'undelivered', 30006],
  ] as const)('counts what is %s with its price by the price list', async (status, callback, errorCode) => {
    await ended(callback, status, errorCode);
    await afterSecond();
    expect((await sendOne()).userErrors).toMatchObject([{ code: 'BUDGET_EXCEEDED' }]);
    expect(await spent()).toBe('0.0083');
    await foldFigures(own.app.core.db.sql);
    expect(await spent()).toBe('0.0083');
    await countsAgree(own.database.url);
  });

  test('counts the price in its place once it is known', async () => {
    const id = await ended('delivered', 'DELIVERED');
    twilio.message(id).price = '-0.001';
    expect((await sender.admin.mutate(REFRESH, { id })).refreshMessageStatus.message.cost).toEqual({
      amount: expect.stringMatching(/^0\.0010*$/),
    });
    expect(await spent()).toBe('0.001');
    await afterSecond();
    expect((await sendOne()).userErrors).toEqual([]);
  });

  test('counts the price of each attempt', async () => {
    const id = await ended('undelivered', 'FAILED', 30006);
    twilio.message(id).price = '-0.001';
    await sender.admin.mutate(REFRESH, { id });
    await sender.admin.mutate(onMessage('retryMessage'), { id });
    await messageIn(sender.admin, 'SENT', id);
    expect(await spent()).toBe('0.0093');
    await twilio.postReceipt(id, 'delivered');
    await messageIn(sender.admin, 'DELIVERED', id);
    twilio.message(id).price = '-0.002';
    expect((await sender.admin.mutate(REFRESH, { id })).refreshMessageStatus.message.cost).toEqual({ amount: '0.003' });
    expect(await spent()).toBe('0.003');
    await countsAgree(own.database.url);
  });

  test('holds back what was accepted before the budget was set', async () => {
    const { id } = await given.message(sender.admin, { sendAt: inSeconds(4) });
    await sender.admin.mutate(SET, { input: { period: 'MONTH', limit: '1', currency: 'USD', hardStop: true } });
    await ended('delivered', 'DELIVERED');
    await sender.admin.mutate(SET, { input: { period: 'MONTH', limit: '0.0083', currency: 'USD', hardStop: true } });
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    expect((await sender.admin.query(MESSAGE, { id })).message).toMatchObject({ status: 'QUEUED', attempts: 0 });
  });
});

describe('a budget’s period', () => {
  test.each([
    ['DAY', '2026-03-01T22:30:00Z', 'Asia/Riyadh', '2026-03-01T21:00:00Z', '2026-03-02T21:00:00Z'],
    ['MONTH', '2026-03-01T22:30:00Z', 'Asia/Riyadh', '2026-02-28T21:00:00Z', '2026-03-31T21:00:00Z'],
    ['DAY', '2026-03-08T12:00:00Z', 'America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['MONTH', '2026-12-31T23:59:59Z', 'UTC', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ] as const)('a %s at %s in %s', (period, at, zone, from, to) => {
    expect(periodOf(period, new Date(at), zone)).toEqual({ from: new Date(from), to: new Date(to) });
  });
});
