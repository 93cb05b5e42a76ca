import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { foldFigures } from '../../src/statistics/fold.queries.js';
import type { Bucket } from '../../src/statistics/bucket.js';
import { StatisticsRun } from '../support/statistics-run.js';

let run: StatisticsRun;
beforeAll(async () => {
  run = await StatisticsRun.start();
});
afterAll(() => run.stop());
beforeEach(async () => {
  run.timeZone = 'UTC';
  await sql`truncate messages, message_events, statistic_deltas, statistic_rollups`.execute(run.db.sql);
});

const sent = (...times: string[]): Promise<unknown> =>
  run.accept(...times.map((time) => ({ createdAt: new Date(time), status: 'DELIVERED' as const })));

/** `<start>: <total>` of each point, read from what is not folded yet and from rollups: both must tell the same. */
async function points(bucket: Bucket, from: string, to: string): Promise<string[]> {
  const read = async (): Promise<string[]> => {
    const statistics = await run.read({}, { from: new Date(from), to: new Date(to) });
    return (await statistics.series(bucket)).map(({ at, total }) => `${at.toISOString().slice(0, 16)}: ${total}`);
  };
  const before = await read();
  await foldFigures(run.db.sql);
  expect(await read()).toEqual(before);
  return before;
}

describe('a series', () => {
  test('has a point for each bucket, also where nothing was sent', async () => {
    await sent('2026-03-01T08:59:59.999Z', '2026-03-01T09:00:00Z', '2026-03-01T11:15:00Z');
    expect(await points('HOUR', '2026-03-01T08:00:00Z', '2026-03-01T12:00:00Z')).toEqual([
      '2026-03-01T08:00: 1',
      '2026-03-01T09:00: 1',
      '2026-03-01T10:00: 0',
      '2026-03-01T11:00: 1',
    ]);
  });

  test('counts in its first and last point only what lies in the range', async () => {
    await sent('2026-03-01T10:14:59Z', '2026-03-01T10:15:00Z', '2026-03-02T09:44:59Z', '2026-03-02T09:45:00Z');
    expect(await points('DAY', '2026-03-01T10:15:00Z', '2026-03-02T09:45:00Z')).toEqual(['2026-03-01T00:00: 1', '2026-03-02T00:00: 1']);
  });

  test('knows minutes of the last three days', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const at = (offset: number): string => new Date(minute + offset).toISOString();
    await sent(at(-60_001), at(-60_000), at(-1), at(0));
    expect((await points('MINUTE', at(-120_000), at(60_000))).map((point) => point.slice(-1))).toEqual(['1', '2', '1']);
  });

  test('draws the line between days at midnight of the tenant', async () => {
    run.timeZone = 'Asia/Kolkata';
    await sent('2026-03-01T18:29:59Z', '2026-03-01T18:30:00Z', '2026-03-02T18:29:59Z');
    expect(await points('DAY', '2026-02-28T18:30:00Z', '2026-03-02T18:30:00Z')).toEqual(['2026-02-28T18:30: 1', '2026-03-01T18:30: 2']);
  });

  test('gives a day of 23 hours and a day of 25 hours what belongs to them', async () => {
    run.timeZone = 'America/New_York';
    await sent('2026-03-08T04:59:00Z', '2026-03-08T05:00:00Z', '2026-03-09T03:59:00Z', '2026-03-09T04:00:00Z');
    expect(await points('DAY', '2026-03-08T05:00:00Z', '2026-03-10T04:00:00Z')).toEqual(['2026-03-08T05:00: 2', '2026-03-09T04:00: 1']);
    await sent('2025-11-02T04:00:00Z', '2025-11-03T04:59:00Z', '2025-11-03T05:00:00Z');
    expect(await points('DAY', '2025-11-02T04:00:00Z', '2025-11-04T05:00:00Z')).toEqual(['2025-11-02T04:00: 2', '2025-11-03T05:00: 1']);
  });

  test('draws the line between months there too', async () => {
    run.timeZone = 'Asia/Riyadh';
    await sent('2025-12-31T20:59:59Z', '2025-12-31T21:00:00Z', '2026-01-31T20:59:59Z', '2026-01-31T21:00:00Z');
    expect(await points('MONTH', '2025-11-30T21:00:00Z', '2026-02-28T21:00:00Z')).toEqual([
      '2025-11-30T21:00: 1',
      '2025-12-31T21:00: 2',
      '2026-01-31T21:00: 1',
    ]);
  });

  test('tells what was delivered, what failed and what it cost', async () => {
    const at = { createdAt: new Date('2026-03-01T10:00:00Z'), provider: 'twilio' };
    const cost = { costCurrency: 'USD', costAmount: '0.0083' };
    await run.accept(
      { ...at, ...cost, status: 'READ' },
      { ...at, ...cost, status: 'SENT', sentAt: at.createdAt },
      { ...at, status: 'FAILED', costCurrency: 'SAR', costAmount: '4' },
    );
    const statistics = await run.read({}, { from: at.createdAt, to: new Date('2026-03-01T11:00:00Z') });
    expect(await statistics.series('HOUR')).toEqual([{ at: at.createdAt, total: 3, delivered: 1, failed: 1, cost: '0.0166' }]);
  });
});
