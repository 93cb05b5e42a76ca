import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Verification } from '../../src/statistics/verification.js';
import { eventually } from '../support/eventually.js';
import type { TestApi } from '../support/gql.js';
import { given, messageIn } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestTenant } from '../support/tenants.js';

const FIGURES = `from to total segments unconfirmed successRate withinObjectiveRate readRate retrySuccessRate
  byStatus { status count } byChannel { ...dimension } byProvider { ...dimension } byCategory { ...dimension } byTemplate { ...dimension }
  deliverySeconds { p50 p95 p99 } queueSeconds { p50 p95 p99 } providerSeconds { p50 p95 p99 }
  errors { kind code provider count } cost { amount currency } costs { amount currency }`;
const STATISTICS = `query ($range: TimeRangeInput!, $filter: StatisticsFilter) {
  statistics(range: $range, filter: $filter) { ${FIGURES} series(bucket: MONTH) { total delivered failed cost } }
}
fragment dimension on DimensionStatistics { key total delivered failed successRate cost { amount currency } }`;

const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString();
const lastHour = (): object => ({ from: minutes(-60), to: minutes(60) });

let run: TestApp;
let other: TestTenant;
beforeAll(async () => {
  run = await startTestApp();
  other = await run.withTenant('other');
});
afterAll(() => run.stop());

const read = async (api: TestApi, filter: object = {}, range = lastHour()): Promise<any> =>
  (await api.query(STATISTICS, { range, filter })).statistics;

describe('statistics of messages to the numbers of the simulator', () => {
  beforeAll(async () => {
    await given.consent(run.api, '+15005550014');
    await given.session(run, ['+15005550100']);
    const to = (number: string, status: string, input: object = {}): Promise<unknown> =>
      given.message(run.api, { to: `+1500555${number}`, ...input }).then(({ id }) => messageIn(run.api, status, id));
    await Promise.all([
      ...['0001', '0002', '0004', '0009'].map((number) => to(number, 'FAILED')),
      ...['0010', '0011', '0012', '0013', '0100'].map((number) => to(number, 'DELIVERED')),
      to('0014', 'SENT', { category: 'MARKETING' }),
      to('0100', 'READ', { channels: ['WHATSAPP'], category: 'AUTHENTICATION' }),
      given.scheduled(run.api),
    ]);
  });

  test('count each message once, in its present status, and parts of SMS alone', async () => {
    const statistics = await read(run.api);
    expect(statistics).toMatchObject({ total: 12, segments: 11, unconfirmed: 0 });
    expect(statistics.byStatus).toEqual([
      { status: 'SCHEDULED', count: 1 },
      { status: 'SENT', count: 1 },
      { status: 'DELIVERED', count: 5 },
      { status: 'READ', count: 1 },
      { status: 'FAILED', count: 4 },
    ]);
  });

  test('tell the rates', async () => {
    expect(await read(run.api)).toMatchObject({ successRate: 0.6, withinObjectiveRate: 0.6, readRate: 1, retrySuccessRate: 1 });
  });

  test('break down by channel, provider, category and template', async () => {
    const { byChannel, byProvider, byCategory, byTemplate } = await read(run.api);
    const sms = { key: 'SMS', total: 11, delivered: 5, failed: 4, successRate: 5 / 9, cost: { amount: '0.0525', currency: 'USD' } };
    expect(byChannel[0]).toEqual(sms);
    expect(byChannel[1]).toEqual({
      key: 'WHATSAPP',
      total: 1,
      delivered: 1,
      failed: 0,
      successRate: 1,
      cost: { amount: '0.005', currency: 'USD' },
    });
    expect(byProvider).toMatchObject([{ key: 'simulator', total: 11, delivered: 6, failed: 4 }]);
    expect(byCategory.map(({ key, total }: any) => [key, total])).toEqual([
      ['UTILITY', 10],
      ['AUTHENTICATION', 1],
      ['MARKETING', 1],
    ]);
    expect(byTemplate).toEqual([]);
  });

  test('name the errors of what failed', async () => {
    const { errors } = await read(run.api);
    expect(errors).toHaveLength(4);
    expect(errors).toContainEqual({ kind: 'UNREACHABLE', code: 'unreachable', provider: 'simulator', count: 1 });
    expect(errors).toContainEqual({ kind: 'OPTED_OUT', code: 'opted_out', provider: 'simulator', count: 1 });
  });

  test('measure delivery, waiting and the provider', async () => {
    const { deliverySeconds, queueSeconds, providerSeconds } = await read(run.api);
    for (const { p50, p95, p99 } of [deliverySeconds, queueSeconds, providerSeconds]) {
      expect(p50).toBeGreaterThan(0);
      expect(p95).toBeGreaterThanOrEqual(p50);
      expect(p99).toBeGreaterThanOrEqual(p95);
    }
    expect(deliverySeconds.p50).toBeGreaterThan(queueSeconds.p50);
  });

  test('tell the cost, the same in the series', async () => {
    const { cost, costs, series } = await read(run.api);
    expect(cost).toEqual({ amount: '0.0575', currency: 'USD' });
    expect(costs).toEqual([cost]);
    expect(series.at(-1)).toEqual({ total: 12, delivered: 6, failed: 4, cost: '0.0575' });
  });

  test('of what a filter leaves', async () => {
    expect(await read(run.api, { category: ['MARKETING'] })).toMatchObject({ total: 1, byStatus: [{ status: 'SENT', count: 1 }] });
    expect(await read(run.api, { provider: ['twilio'] })).toMatchObject({ total: 0, cost: null, byProvider: [] });
  });

  test('of a batch', async () => {
    const { id } = await given.batch(run.api, { recipients: [{ to: '+14155550100' }, { to: '+14155550101' }] });
    await eventually(async () =>
      expect(await read(run.api, { batchId: id })).toMatchObject({ total: 2, byStatus: [{ status: 'DELIVERED', count: 2 }] }),
    );
  });

  test('equal a recount', async () => {
    const { db, accounts } = run.app.core;
    const found: unknown[] = [];
    await new Verification(db).run(await accounts.tenants.bySlug('demo'), { repair: false, found: (one) => found.push(one) });
    expect(found).toEqual([]);
  });

  test('of another tenant know nothing of them', async () => {
    expect(await read(other.admin)).toMatchObject({ total: 0, byStatus: [], byChannel: [], errors: [], cost: null });
  });
});

describe('statistics', () => {
  test('begin and end at whole minutes', async () => {
    const range = { from: new Date(Date.now() - 90_500).toISOString(), to: new Date().toISOString() };
    const { from, to } = await read(run.api, {}, range);
    expect([new Date(from).getTime() % 60_000, new Date(to).getTime() % 60_000]).toEqual([0, 0]);
    expect(from <= range.from && to >= range.to).toBe(true);
  });

  test('are for those who may read history, and a VIEWER is one of them', async () => {
    expect(await read(other.viewer)).toMatchObject({ total: 0 });
    expect((await other.sender.execute(STATISTICS, { range: lastHour() })).code).toBe('FORBIDDEN');
    expect((await run.nobody.execute(STATISTICS, { range: lastHour() })).code).toBe('UNAUTHENTICATED');
  });

  test.each([
    ['that ends before it begins', { from: minutes(1), to: minutes(0) }],
    ['of more than 5 years', { from: '2015-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
  ])('refuse a range %s', async (_what, range) => {
    expect(await run.api.execute(STATISTICS, { range })).toMatchObject({ data: null, code: 'BAD_USER_INPUT' });
  });

  test('refuse a series of too many points, and lists that are too long', async () => {
    const ask = (field: string): Promise<unknown> =>
      run.api.execute(`query ($range: TimeRangeInput!) { statistics(range: $range) { ${field} } }`, {
        range: { from: minutes(-60 * 24 * 90), to: minutes(0) },
      });
    expect(await ask('series(bucket: HOUR) { at }')).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await ask('series(bucket: MINUTE) { at }')).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await ask('errors(first: 201) { count }')).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await ask('byTemplate(first: -1) { key }')).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
