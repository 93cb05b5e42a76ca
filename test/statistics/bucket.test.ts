import { describe, expect, test } from 'vitest';
import { bucketStarts, spansOf, type Bucket } from '../../src/statistics/bucket.js';

const NOW = new Date('2026-11-20T12:00:00Z');

const starts = (bucket: Bucket, from: string, to: string, timeZone = 'UTC'): string[] =>
  bucketStarts({ from: new Date(from), to: new Date(to) }, bucket, timeZone, NOW).map((at) => at.toISOString());

describe('the buckets of a series', () => {
  test('are all that a part of the range falls into', () => {
    expect(starts('HOUR', '2026-11-20T08:59:00Z', '2026-11-20T10:01:00Z')).toEqual([
      '2026-11-20T08:00:00.000Z',
      '2026-11-20T09:00:00.000Z',
      '2026-11-20T10:00:00.000Z',
    ]);
  });

  test('do not begin where the range ends', () => {
    expect(starts('MINUTE', '2026-11-20T09:00:00Z', '2026-11-20T09:02:00Z')).toEqual([
      '2026-11-20T09:00:00.000Z',
      '2026-11-20T09:01:00.000Z',
    ]);
    expect(starts('DAY', '2026-11-19T00:00:00Z', '2026-11-20T00:00:00Z')).toEqual(['2026-11-19T00:00:00.000Z']);
  });

  test('are the days of the time zone', () => {
    expect(starts('DAY', '2026-11-18T18:30:00Z', '2026-11-20T12:00:00Z', 'Asia/Kolkata')).toEqual([
      '2026-11-18T18:30:00.000Z',
      '2026-11-19T18:30:00.000Z',
    ]);
  });

  test('are 23 and 25 hours long on the days when clocks change', () => {
    const hours = (from: string, to: string): number[] => {
      const days = starts('DAY', from, to, 'Europe/Berlin').map((at) => new Date(at).getTime());
      return days.slice(1).map((day, index) => (day - days[index]!) / 3_600_000);
    };
    expect(hours('2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z')).toEqual([24, 23]);
    expect(hours('2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z')).toEqual([24, 25]);
  });

  test('are the months of the time zone, over the turn of the year', () => {
    expect(starts('MONTH', '2025-12-31T21:00:00Z', '2026-02-28T21:00:01Z', 'Asia/Riyadh')).toEqual([
      '2025-12-31T21:00:00.000Z',
      '2026-01-31T21:00:00.000Z',
      '2026-02-28T21:00:00.000Z',
    ]);
  });

  test('may be the days of four years', () => {
    expect(starts('DAY', '2022-11-01T00:00:00Z', '2026-11-20T00:00:00Z')).toHaveLength(1_480);
  });

  test('hold their part of the range', () => {
    const span = { from: new Date('2026-11-18T06:00:00Z'), to: new Date('2026-11-19T07:00:00Z') };
    const parts = spansOf(bucketStarts(span, 'DAY', 'UTC', NOW), span);
    expect(parts).toEqual([
      { from: span.from, to: new Date('2026-11-19T00:00:00Z') },
      { from: new Date('2026-11-19T00:00:00Z'), to: span.to },
    ]);
  });

  test.each([
    ['MINUTE', '2026-11-20T00:00:00Z', '2026-11-21T01:01:00Z'],
    ['HOUR', '2026-09-01T00:00:00Z', '2026-11-20T00:00:00Z'],
    ['DAY', '2022-01-01T00:00:00Z', '2026-11-20T00:00:00Z'],
  ] as const)('of a %s are at most 1,500', (bucket, from, to) => {
    expect(() => starts(bucket, from, to)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining('1500') }),
    );
  });

  test('of a minute go back 3 days', () => {
    expect(starts('MINUTE', '2026-11-17T12:00:00Z', '2026-11-17T12:01:00Z')).toHaveLength(1);
    expect(() => starts('MINUTE', '2026-11-17T11:00:00Z', '2026-11-17T11:15:00Z')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    );
  });
});
