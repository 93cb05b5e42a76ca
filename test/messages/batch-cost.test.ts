import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, inSeconds } from '../support/given.js';
import { onBatch, onMessage, SEND_BULK } from '../support/operations.js';
import { countsAgree } from '../support/reckoning.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numbers, openUpload, upload } from '../support/upload.js';

const COST = 'query ($id: ID!) { batch(id: $id) { status total rejected cost { amount currency } counts { status count } } }';
const UNREACHABLE = '+15005550002';
const INVALID = '+15005550001';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const batchOf = async (id: string) => (await run.api.query(COST, { id })).batch;
const costOf = async (id: string) => (await batchOf(id)).cost?.amount ?? null;
const bulk = async (input: Record<string, unknown>) =>
  (await run.api.mutate(SEND_BULK, { input: { name: 'Sale', body: 'Hello', ...input } })).sendBulk;
const to = (all: string[]) => all.map((number) => ({ to: number }));
/** Does not move while a test runs. */
const later = () => ({ sendAt: inSeconds(3600) });

describe('the cost of a batch', () => {
  test('is the estimate at first, and in the end what the provider charged', async () => {
    const recipients = to([...numbers(20), INVALID, UNREACHABLE]);
    const { id } = await given.batch(run.api, { recipients, ...later() });
    expect((await batchOf(id)).cost).toEqual({ amount: '0.165', currency: 'USD' });
    await rowsOf(run, `update messages set due_at = now(), hint_at = now() where batch_id = '${id}'`);
    await eventually(async () => expect((await batchOf(id)).status).toBe('COMPLETED'), 15_000);
    await eventually(async () => {
      const [told] = await rowsOf<{ amount: string }>(
        run,
        `select trim_scale(sum(cost_amount))::text as amount from messages where batch_id = '${id}'`,
      );
      expect(await costOf(id)).toBe(told?.amount);
    });
    const counts = Object.fromEntries((await batchOf(id)).counts.map(({ status, count }: any) => [status, count]));
    expect(counts['DELIVERED'] + counts['FAILED']).toBe(22);
  });

  test('stays the same when it is folded, again and again', async () => {
    const { id } = await given.batch(run.api, { recipients: to(numbers(10)), ...later() });
    for (let times = 0; times < 3; times++) await run.app.core.batches.upkeep();
    expect(await costOf(id)).toBe('0.075');
    expect(await rowsOf(run, `select trim_scale(amount)::text as amount from batch_costs where batch_id = '${id}'`)).toEqual([
      { amount: '0.075' },
    ]);
  });

  test('is told once all that is left of it is in one currency', async () => {
    const own = await startTestApp({ PROVIDER_PRICES: 'simulator SMS GB 0.04 GBP' });
    const { id } = await given.batch(own.api, { recipients: to(['+447400123456', ...numbers(2)]), ...later() });
    const cost = async () => (await own.api.query(COST, { id })).batch.cost;
    expect(await cost()).toBeNull();
    const [british] = await rowsOf<{ id: string }>(own, `select id from messages where batch_id = '${id}' and country = 'GB'`);
    await own.api.mutate('mutation ($id: ID!) { cancelMessage(id: $id) { userErrors { code } } }', { id: british?.id });
    expect(await cost()).toEqual({ amount: '0.015', currency: 'USD' });
    await own.stop();
  });

  test('falls by what is withdrawn', async () => {
    const { id } = await given.batch(run.api, { recipients: to(numbers(10)), ...later() });
    const [row] = await rowsOf<{ id: string }>(run, `select id from messages where batch_id = '${id}' limit 1`);
    await run.api.mutate('mutation ($id: ID!) { cancelMessage(id: $id) { userErrors { code } } }', { id: row?.id });
    expect(await costOf(id)).toBe('0.0675');
    await run.api.mutate(onBatch('cancelBatch'), { id });
    await eventually(async () => expect(await costOf(id)).toBe('0'));
  });

  test('grows with the segments of the text', async () => {
    const { id } = await given.batch(run.api, { recipients: to(numbers(3)), body: 'x'.repeat(161), ...later() });
    expect(await costOf(id)).toBe('0.045');
  });

  test('is none for nobody', async () => {
    const { id } = await given.batch(run.api, { recipients: to(['nobody']) });
    expect(await costOf(id)).toBe(null);
  });
});

describe('what is sent again', () => {
  const MONEY = `query ($id: ID!, $range: TimeRangeInput!, $filter: StatisticsFilter) {
    message(id: $id) { cost { amount currency } }
    statistics(range: $range, filter: $filter) { cost { amount currency } byProvider { cost { amount } } }
  }`;
  /** Taken and charged, and not delivered. */
  const UNDELIVERED = '+15005550009';

  test('costs what each call was charged, wherever it is told', async () => {
    const batch = await given.batch(run.api, { recipients: to([UNDELIVERED]) });
    const [row] = await rowsOf<{ id: string }>(run, `select id from messages where batch_id = '${batch.id}'`);
    const id = row?.id ?? '';
    const failedAfter = async (calls: number, amount: string): Promise<void> => {
      await eventually(async () => {
        const [now] = await rowsOf(run, `select status, claims from messages where id = '${id}'`);
        expect(now).toEqual({ status: 'FAILED', claims: calls });
      }, 10_000);
      const { message, statistics } = await run.api.query(MONEY, {
        id,
        range: { from: inSeconds(-3600), to: inSeconds(60) },
        filter: { batchId: batch.id },
      });
      const cost = { amount: expect.stringMatching(new RegExp(`^${amount}0*$`)), currency: 'USD' };
      expect({ message, statistics }).toEqual({ message: { cost }, statistics: { cost, byProvider: [{ cost: { amount } }] } });
      expect(await costOf(batch.id)).toBe(amount);
    };
    await failedAfter(1, '0.0075');
    await run.api.mutate(onMessage('retryMessage'), { id });
    await failedAfter(2, '0.015');
    await run.api.mutate(onMessage('retryMessage'), { id });
    await failedAfter(3, '0.0225');
    await countsAgree(run.database.url);
  });
});

describe('maxCost', () => {
  test('rejects recipients beyond it, to the last fraction', async () => {
    const { batch, rejected } = await bulk({ recipients: to(numbers(5)), maxCost: '0.0225', ...later() });
    expect(rejected).toEqual(
      [3, 4].map((index) => ({
        index,
        to: numbers(5)[index],
        code: 'BUDGET_EXCEEDED',
        message: 'With this recipient the batch would cost more than maxCost.',
      })),
    );
    expect(await batchOf(batch.id)).toMatchObject({ total: 5, rejected: 2, cost: { amount: '0.0225' } });
  });

  test('of nothing rejects all, and is not touched by those who cannot be sent to', async () => {
    const none = await bulk({ recipients: to(numbers(2)), maxCost: '0' });
    expect(none.rejected.map(({ code }: any) => code)).toEqual(['BUDGET_EXCEEDED', 'BUDGET_EXCEEDED']);
    const some = await bulk({ recipients: to(['nobody', '+14155550101', 'nobody']), maxCost: '0.0075', ...later() });
    expect(some.rejected.map(({ index }: any) => index)).toEqual([0, 2]);
  });

  test.each(['-1', '0.0000001', '1234567890123'])('of %s is refused', async (maxCost) => {
    const { batch, userErrors } = await bulk({ recipients: to(numbers(1)), maxCost });
    expect({ batch, userErrors }).toMatchObject({ batch: null, userErrors: [{ code: 'INVALID_INPUT', field: ['maxCost'] }] });
  });

  test('holds over the whole of an upload, also when that breaks off in between', async () => {
    const options = { with: { idempotencyKey: crypto.randomUUID(), maxCost: '18.75', ...later() } };
    const file = csv('to', ...numbers(4_000));
    const sending = openUpload(run.api, options);
    await sending.write(csv('to', ...numbers(2_600)));
    await eventually(async () => expect(await rowsOf(run, 'select from batch_uploads where recipients = 2000')).toHaveLength(1));
    await sending.cut();
    const { body } = await eventually(async () => {
      const answer = await upload(run.api, file, options);
      expect(answer.status).toBe(200);
      return answer;
    });
    expect(body).toMatchObject({ total: 4_000, accepted: 2_500, rejected: 1_500 });
    expect(body.rejections[0]).toEqual({ line: 2_502, to: numbers(1, 2_500)[0], code: 'BUDGET_EXCEEDED', message: expect.any(String) });
    expect(await costOf(body.batchId)).toBe('18.75');
  });
});
