import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import type { Part } from '../../src/statistics/read-parts.js';
import { Statistics } from '../../src/statistics/statistics.js';
import { StatisticsRun } from '../support/statistics-run.js';

let run: StatisticsRun;
beforeAll(async () => {
  run = await StatisticsRun.start();
});
afterAll(() => run.stop());
beforeEach(async () => {
  run.currency = 'USD';
  await sql`truncate messages, message_events, batch_deltas, batch_cost_deltas, statistic_deltas, statistic_rollups`.execute(run.db.sql);
});

const after = (ms: number): Date => new Date(Date.now() + ms);
const times = (count: number, row: Partial<MessageRow>): Partial<MessageRow>[] => Array.from({ length: count }, () => row);
const delivered = (ms: number): Partial<MessageRow> => ({ status: 'DELIVERED', createdAt: new Date(), deliveredAt: after(ms) });
const charged = (amount: string, currency: string): Partial<MessageRow> => ({ costAmount: amount, costCurrency: currency });

describe('rates', () => {
  test('are 0 while there is nothing to divide', async () => {
    await run.accept({});
    const read = await run.read();
    const rates = [read.successRate(), read.withinObjectiveRate(), read.readRate(), read.retrySuccessRate()];
    expect(await Promise.all(rates)).toEqual([0, 0, 0, 0]);
  });

  test('of success are delivered of delivered and failed: what is under way is left out', async () => {
    await run.accept(...times(5, { status: 'DELIVERED' }), ...times(1, { status: 'READ' }), ...times(2, { status: 'FAILED' }));
    await run.accept(...times(9, { status: 'SENT' }), ...times(3, {}), ...times(2, { status: 'CANCELLED' }));
    expect(await (await run.read()).successRate()).toBe(0.75);
  });

  test('of the objective are those within 30 s of delivered and failed', async () => {
    await run.accept(...times(3, delivered(29_000)), delivered(31_000), { status: 'FAILED' });
    expect(await (await run.read()).withinObjectiveRate()).toBe(0.6);
  });

  test('of reading leave out SMS, which never tells of it', async () => {
    await run.accept(
      ...times(7, { status: 'DELIVERED' }),
      { channel: 'WHATSAPP', status: 'DELIVERED' },
      { channel: 'WHATSAPP', status: 'READ' },
    );
    expect(await (await run.read()).readRate()).toBe(0.5);
  });

  test('of retrying are of what was tried again and has ended', async () => {
    await run.accept(
      ...times(3, { status: 'DELIVERED', attempts: 2 }),
      { status: 'FAILED', attempts: 3 },
      { status: 'FAILED', attempts: 1 },
    );
    await run.accept({ status: 'SENT', attempts: 2 });
    expect(await (await run.read()).retrySuccessRate()).toBe(0.75);
  });
});

describe('what was sent without a receipt', () => {
  test('is unconfirmed after 72 hours, to the hour', async () => {
    const hours = (count: number): Partial<MessageRow> => ({ status: 'SENT', sentAt: after(-count * 3_600_000) });
    await run.accept(...[1, 71, 73.01, 80].map(hours), { status: 'DELIVERED', sentAt: after(-80 * 3_600_000) });
    expect(await (await run.read()).unconfirmed()).toBe(2);
  });
});

describe('times', () => {
  test('are told as percentiles within 5 %', async () => {
    const created = new Date();
    const at = (ms: number): Date => new Date(created.getTime() + ms);
    await run.accept(
      ...Array.from({ length: 100 }, (_, index) => ({
        status: 'DELIVERED' as const,
        createdAt: created,
        firstAskedAt: at(10 * (index + 1)),
        providerMs: index + 1,
        deliveredAt: at(1_000 * (index + 1)),
      })),
    );
    const read = await run.read();
    const seconds = await Promise.all([read.deliverySeconds(), read.queueSeconds(), read.providerSeconds()]);
    const truth = [50, 95, 99, 0.5, 0.95, 0.99, 0.05, 0.095, 0.099];
    for (const [index, told] of seconds.flatMap(({ p50, p95, p99 }) => [p50, p95, p99]).entries())
      expect(Math.abs((told ?? 0) / truth[index]! - 1)).toBeLessThan(0.05);
  });

  test('are null where nothing was measured', async () => {
    await run.accept({});
    expect(await (await run.read()).deliverySeconds()).toEqual({ p50: null, p95: null, p99: null });
  });
});

describe('cost', () => {
  test('is null when nothing was charged', async () => {
    await run.accept({});
    const read = await run.read();
    expect([await read.cost(), await read.costs()]).toEqual([null, []]);
  });

  test("is told in the tenant's currency, and in every other one beside it", async () => {
    run.currency = 'SAR';
    await run.accept(charged('0.0083', 'USD'), charged('0.05', 'SAR'), charged('0.1', 'SAR'), charged('1', 'EUR'));
    const read = await run.read();
    expect(await read.cost()).toEqual({ amount: '0.15', currency: 'SAR' });
    expect(await read.costs()).toEqual([
      { amount: '1', currency: 'EUR' },
      { amount: '0.15', currency: 'SAR' },
      { amount: '0.0083', currency: 'USD' },
    ]);
  });

  test('is told in the currency there is when nothing was charged in the own one', async () => {
    run.currency = 'SAR';
    await run.accept(charged('0.0083', 'USD'));
    expect(await (await run.read()).byChannel()).toMatchObject([{ key: 'SMS', cost: { amount: '0.0083', currency: 'USD' } }]);
  });
});

describe('breakdowns', () => {
  const BATCH = newId();
  beforeEach(() =>
    run.accept(
      ...times(3, { provider: 'twilio', status: 'DELIVERED', templateCode: 'welcome' }),
      ...times(1, { provider: 'twilio', status: 'FAILED', templateCode: 'welcome', errorKind: 'UNREACHABLE', errorCode: '30005' }),
      ...times(2, {
        provider: 'simulator',
        channel: 'WHATSAPP',
        category: 'MARKETING',
        status: 'FAILED',
        errorKind: 'OPTED_OUT',
        batchId: BATCH,
      }),
      ...times(1, { templateCode: 'reminder', batchId: BATCH }),
    ),
  );

  test('begin with the largest, and leave out what has no value', async () => {
    const read = await run.read();
    const keys = async (some: Promise<{ key: string; total: number }[]>): Promise<unknown[]> =>
      (await some).map(({ key, total }) => [key, total]);
    expect(await keys(read.byChannel())).toEqual([
      ['SMS', 5],
      ['WHATSAPP', 2],
    ]);
    expect(await keys(read.byProvider())).toEqual([
      ['twilio', 4],
      ['simulator', 2],
    ]);
    expect(await keys(read.byCategory())).toEqual([
      ['UTILITY', 5],
      ['MARKETING', 2],
    ]);
    expect(await keys(read.byTemplate(5))).toEqual([
      ['welcome', 4],
      ['reminder', 1],
    ]);
    expect(await keys(read.byTemplate(1))).toEqual([['welcome', 4]]);
  });

  test('say for each value what was delivered and what failed', async () => {
    expect(await (await run.read()).byTemplate(1)).toEqual([
      { key: 'welcome', total: 4, delivered: 3, failed: 1, successRate: 0.75, cost: null },
    ]);
  });

  test('of errors name kind, code and provider', async () => {
    expect(await (await run.read()).errors(5)).toEqual([
      { kind: 'OPTED_OUT', code: null, provider: 'simulator', count: 2 },
      { kind: 'UNREACHABLE', code: '30005', provider: 'twilio', count: 1 },
    ]);
  });

  test.each([
    [{ channel: ['WHATSAPP'] }, 2],
    [{ provider: ['twilio', 'simulator'] }, 6],
    [{ category: [] }, 0],
    [{ templateCode: 'welcome' }, 4],
    [{ batchId: BATCH }, 3],
    [{ batchId: BATCH, templateCode: 'reminder' }, 1],
    [{ batchId: BATCH, channel: ['SMS'] }, 1],
    [{ batchId: newId() }, 0],
    [{ batchId: 'none' }, 0],
  ] as const)('with the filter %o are of %d messages', async (filter, total) => {
    expect(await (await run.read(filter as never)).total()).toBe(total);
  });

  test('of another tenant are empty', async () => {
    const read = await run.read({}, {}, newId());
    expect([await read.total(), await read.byChannel(), await read.errors(5), await read.byTemplate(5)]).toEqual([0, [], [], []]);
  });
});

describe('reading', () => {
  /** What is asked of the database, in the groups in which it is asked. */
  const asked = async (select: (statistics: Statistics) => Promise<unknown>[]): Promise<Part[][]> => {
    const groups: Part[][] = [];
    const span = { from: after(-60_000), to: new Date() };
    const read = async (parts: readonly Part[]): Promise<unknown[]> => {
      groups.push([...parts]);
      return parts.map((part) => (part.of === 'series' ? { starts: [], rows: [] } : []));
    };
    await Promise.all(select(new Statistics(span, 'USD', new Date(), read)));
    return groups;
  };

  test('asks for nothing when nothing is selected', async () => {
    expect(await asked(() => [])).toEqual([]);
  });

  test('asks once for all that the same rows tell', async () => {
    const groups = await asked((read) => [
      read.total(),
      read.byStatus(),
      read.byProvider(),
      read.successRate(),
      read.cost(),
      read.segments(),
    ]);
    expect(groups).toEqual([[{ of: 'totals' }]]);
  });

  test('asks together for all that is selected', async () => {
    const groups = await asked((read) => [
      read.errors(5),
      read.deliverySeconds(),
      read.series('DAY'),
      read.series('DAY'),
      read.byTemplate(5),
    ]);
    expect(groups).toEqual([[{ of: 'details' }, { of: 'series', bucket: 'DAY' }, { of: 'totals' }, { of: 'templates' }]]);
  });
});
