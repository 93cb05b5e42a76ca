import { describe, expect, test } from 'vitest';
import { acceptedAt, APART_MS } from '../../src/messages/accepted-at.js';
import { idFloor, idTime } from '../../src/platform/ids.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const idMade = (ms: number): string => idFloor(new Date(NOW.getTime() + ms));

describe('the time at which a message was accepted', () => {
  test.each([0, 20_000, APART_MS])('is when its send began, %i ms before its id was made', (ms) => {
    expect(acceptedAt(idMade(ms), NOW)).toBe(NOW);
  });

  test.each([APART_MS + 1, 3_600_000, -APART_MS - 1])('is that of its id where they are %i ms apart', (ms) => {
    expect(acceptedAt(idMade(ms), NOW)).toEqual(idTime(idMade(ms)));
  });
});
