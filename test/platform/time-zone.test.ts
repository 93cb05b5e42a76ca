import { describe, expect, test } from 'vitest';
import { dateAt, isTimeZone, startOfDay } from '../../src/platform/time-zone.js';

describe('a time zone', () => {
  const names =
    'Asia/Kolkata America/Argentina/Buenos_Aires UTC GMT UCT EST MST HST CET EET MET WET PRC ROC ROK utc ' +
    'GB NZ Cuba Eire Egypt Zulu EST5EDT PST8PDT US/Pacific Etc/GMT+5';
  test.each(names.split(' '))('is %s, which IANA has', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  test.each(['BST', 'IST', 'CST', 'PST', 'AST', 'bst', 'SystemV/AST4', 'US/Pacific-New', '+03:00', 'Mars/Base', ''])(
    'is not %j, which IANA does not have',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});

const start = (day: string, timeZone: string): string => {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return startOfDay({ year, month, day: date }, timeZone).toISOString();
};

describe('the start of a day', () => {
  test.each([
    ['UTC', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['Asia/Riyadh', '2026-03-01', '2026-02-28T21:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-01', '2026-02-28T18:30:00.000Z'],
    ['Asia/Kathmandu', '2026-03-01', '2026-02-28T18:15:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-03-01', '2026-02-28T10:00:00.000Z'],
    ['Pacific/Niue', '2026-03-01', '2026-03-01T11:00:00.000Z'],
  ])('in %s, %s, is %s', (timeZone, day, expected) => {
    expect(start(day, timeZone)).toBe(expected);
  });

  test('is one o’clock where clocks go forward at midnight', () => {
    // Cairo: 24 April 2026, 00:00 becomes 01:00.
    expect(start('2026-04-24', 'Africa/Cairo')).toBe('2026-04-23T22:00:00.000Z');
    expect(start('2026-04-25', 'Africa/Cairo')).toBe('2026-04-24T21:00:00.000Z');
  });

  test('is the first midnight where clocks go back to it', () => {
    // Havana: 1 November 2026, 01:00 becomes 00:00 again.
    expect(start('2026-11-01', 'America/Havana')).toBe('2026-11-01T04:00:00.000Z');
    expect(start('2026-11-02', 'America/Havana')).toBe('2026-11-02T05:00:00.000Z');
  });

  test('counts on beyond the end of the month and of the year', () => {
    expect(start('2026-12-32', 'UTC')).toBe('2027-01-01T00:00:00.000Z');
    expect(start('2026-13-1', 'UTC')).toBe('2027-01-01T00:00:00.000Z');
  });
});

test('the date is that of a calendar there', () => {
  const at = new Date('2026-02-28T21:30:00Z');
  expect(dateAt(at, 'Asia/Riyadh')).toEqual({ year: 2026, month: 3, day: 1 });
  expect(dateAt(at, 'UTC')).toEqual({ year: 2026, month: 2, day: 28 });
});
