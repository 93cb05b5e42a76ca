import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor, lowerHorizon } from '../../src/messages/feed-cursor.js';
import { newId } from '../../src/platform/ids.js';

const eventId = newId();
const text = (plain: string): string => Buffer.from(plain).toString('base64url');

describe('a cursor', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (horizon) => {
        const cursor = { horizon: String(horizon), eventId: newId() };
        expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
        const replayed = { ...cursor, replayedBelow: String(horizon + 7n) };
        expect(decodeCursor(encodeCursor(replayed))).toEqual(replayed);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['any text', 'hello'],
    ['an id alone', text(eventId)],
    ['no number', text(`x:${eventId}`)],
    ['a negative number', text(`-1:${eventId}`)],
    ['too long a number', text(`${'9'.repeat(21)}:${eventId}`)],
    ['no id', text('7:not-an-id')],
    ['too long a second number', text(`7:${eventId}:${'9'.repeat(20)}`)],
    ['more than an id', text(`7:${eventId}' or 1=1`)],
    ['a cursor and a line', text(`7:${eventId}\n`)],
  ])('that was made of %s is refused', (_what, cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});

test.each([
  ['9', '10', '9'],
  ['10', '9', '9'],
  ['18446744073709551615', '18446744073709551614', '18446744073709551614'],
  ['7', '7', '7'],
])('of %s and %s the lower place is %s', (a, b, lower) => {
  expect(lowerHorizon(a, b)).toBe(lower);
});
