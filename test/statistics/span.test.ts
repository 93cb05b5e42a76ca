import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cover, spanOf } from '../../src/statistics/span.js';

const NOW = new Date('2026-03-10T12:34:56.789Z');
const at = (text: string): Date => new Date(`2026-${text}Z`);

const texts = (pieces: ReturnType<typeof cover>): string[] =>
  pieces.map(({ seconds, from, to }) => `${seconds}: ${from.toISOString().slice(5, 16)} ${to.toISOString().slice(5, 16)}`);

describe('a range', () => {
  test('is moved outwards to whole minutes', () => {
    expect(spanOf({ from: at('03-10T12:00:30'), to: at('03-10T12:30:01') }, NOW)).toEqual({
      from: at('03-10T12:00:00'),
      to: at('03-10T12:31:00'),
    });
  });

  test('stays as it is where it is whole', () => {
    const whole = { from: at('03-10T12:01:00'), to: at('03-10T12:30:00') };
    expect(spanOf(whole, NOW)).toEqual(whole);
  });

  test('is moved to whole quarters of an hour more than three days ago, each end by its own age', () => {
    expect(spanOf({ from: at('03-01T12:01:00'), to: at('03-01T12:14:00') }, NOW)).toEqual({
      from: at('03-01T12:00:00'),
      to: at('03-01T12:15:00'),
    });
    expect(spanOf({ from: at('03-01T12:01:00'), to: at('03-10T12:14:00') }, NOW)).toEqual({
      from: at('03-01T12:00:00'),
      to: at('03-10T12:14:00'),
    });
  });

  test.each([
    ['is refused when it ends before it begins', at('03-02T00:00:00'), at('03-01T00:00:00')],
    ['is refused when it is empty', at('03-01T00:00:00'), at('03-01T00:00:00')],
    ['is refused when it begins before 1970', new Date('0001-01-01'), new Date('0002-01-01')],
    ['is refused when it is longer than 5 years', new Date('2020-01-01'), at('03-01T00:00:00')],
  ])('%s', (_promise, from, to) => {
    expect(() => spanOf({ from, to }, NOW)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});

describe('a cover', () => {
  test('takes days in the middle and narrower rollups towards both ends', () => {
    expect(texts(cover([{ from: at('03-01T22:41:00'), to: at('03-04T01:16:00') }]))).toEqual([
      '60: 03-01T22:41 03-01T22:45',
      '900: 03-01T22:45 03-01T23:00',
      '3600: 03-01T23:00 03-02T00:00',
      '86400: 03-02T00:00 03-04T00:00',
      '3600: 03-04T00:00 03-04T01:00',
      '900: 03-04T01:00 03-04T01:15',
      '60: 03-04T01:15 03-04T01:16',
    ]);
  });

  test('needs one piece for spans that follow each other', () => {
    const hours = [8, 9, 10].map((hour) => ({ from: at(`03-01T0${hour - 7}:00:00`), to: at(`03-01T0${hour - 6}:00:00`) }));
    expect(texts(cover(hours))).toEqual(['3600: 03-01T01:00 03-01T04:00']);
  });

  test('holds every minute of a span once, in rollups that begin where their width does', () => {
    const minute = fc.integer({ min: 0, max: 5 * 1_440 });
    fc.assert(
      fc.property(minute, minute, (from, to) => {
        let reached = Math.min(from, to) * 60_000;
        const end = Math.max(from, to) * 60_000;
        for (const piece of cover([{ from: new Date(reached), to: new Date(end) }])) {
          expect(piece.from.getTime()).toBe(reached);
          expect(reached % (piece.seconds * 1000)).toBe(0);
          reached = piece.to.getTime();
          expect(reached % (piece.seconds * 1000)).toBe(0);
        }
        expect(reached).toBe(end);
      }),
    );
  });
});
