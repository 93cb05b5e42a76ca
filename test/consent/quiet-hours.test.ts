import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quietUntil } from '../../src/consent/quiet-hours.js';
import { minuteOfDay } from '../../src/platform/time-zone.js';

const NIGHT = ['21:30', '08:00'] as const;
const NOON = ['12:00', '14:30'] as const;

/** Hours, zone, moment, and when they end. */
const EXAMPLES: [string, readonly [string, string], string, string, string | null][] = [
  ['before midnight', NIGHT, 'UTC', '2026-03-01T22:00Z', '2026-03-02T08:00Z'],
  ['after midnight', NIGHT, 'UTC', '2026-03-02T03:00Z', '2026-03-02T08:00Z'],
  ['at their first minute', NIGHT, 'UTC', '2026-03-01T21:30Z', '2026-03-02T08:00Z'],
  ['a second before them', NIGHT, 'UTC', '2026-03-01T21:29:59Z', null],
  ['in their last second', NIGHT, 'UTC', '2026-03-02T07:59:59.999Z', '2026-03-02T08:00Z'],
  ['at their end', NIGHT, 'UTC', '2026-03-02T08:00Z', null],
  ['over the end of a year', NIGHT, 'UTC', '2026-12-31T23:00Z', '2027-01-01T08:00Z'],
  ['within a day', NOON, 'UTC', '2026-03-01T13:00Z', '2026-03-01T14:30Z'],
  ['outside of such', NOON, 'UTC', '2026-03-01T15:00Z', null],
  ['in Riyadh', NIGHT, 'Asia/Riyadh', '2026-03-01T20:00Z', '2026-03-02T05:00Z'],
  ['in India, half an hour off', NIGHT, 'Asia/Kolkata', '2026-03-01T16:30Z', '2026-03-02T02:30Z'],
  ['in Nepal, a quarter off', NIGHT, 'Asia/Kathmandu', '2026-03-01T16:00Z', '2026-03-02T02:15Z'],
  ['beyond the date line', NIGHT, 'Pacific/Kiritimati', '2026-03-01T08:00Z', '2026-03-01T18:00Z'],
  ['over a night that is an hour shorter', NIGHT, 'America/New_York', '2026-03-08T04:00Z', '2026-03-08T12:00Z'],
  ['over a night that is an hour longer', NIGHT, 'America/New_York', '2026-11-01T04:00Z', '2026-11-01T13:00Z'],
  ['over the clocks going forward in Europe', NIGHT, 'Europe/Madrid', '2026-03-28T22:00Z', '2026-03-29T06:00Z'],
  ['until a time that does not exist that day', ['22:00', '02:30'], 'America/New_York', '2026-03-08T05:00Z', '2026-03-08T07:00Z'],
  ['until a time that comes twice, before the first', ['22:00', '01:30'], 'America/New_York', '2026-11-01T04:30Z', '2026-11-01T05:30Z'],
  ['until a time that comes twice, between both', ['22:00', '01:30'], 'America/New_York', '2026-11-01T06:10Z', '2026-11-01T06:30Z'],
  ['where clocks go forward over midnight', ['22:00', '00:30'], 'Africa/Cairo', '2026-04-23T21:00Z', '2026-04-23T22:00Z'],
  ['where they are put by half an hour', NIGHT, 'Australia/Lord_Howe', '2026-10-03T12:00Z', '2026-10-03T21:00Z'],
];

const until = ([start, end]: readonly [string, string], zone: string, at: Date): Date | null =>
  quietUntil({ start, end, categories: ['UTILITY'] }, at, zone);

describe('quiet hours', () => {
  test.each(EXAMPLES)('%s', (_what, hours, zone, at, expected) => {
    expect(until(hours, zone, new Date(at))).toEqual(expected && new Date(expected));
  });

  test('end at a moment that is not quiet, at most a day and an hour later, whatever the zone and the day', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const zone = fc.constantFrom(
      'America/New_York',
      'Europe/London',
      'Africa/Cairo',
      'Australia/Lord_Howe',
      'Asia/Riyadh',
      'America/Santiago',
    );
    const moment = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, zone, moment, (start, end, where, at) => {
        fc.pre(start !== end);
        const over = until([start, end], where, at);
        if (over === null) return;
        expect(over.getTime()).toBeGreaterThan(at.getTime());
        expect(over.getTime() - at.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
        expect([until([start, end], where, over), minuteOfDay(over, where) % 1]).toEqual([null, 0]);
      }),
      { numRuns: 2_000 },
    );
  });
});
