import { describe, expect, test } from 'vitest';
import { idFloor, idTime, isUuid, newId, newIds } from '../../src/platform/ids.js';

describe('ids', () => {
  test('ids sort in the order they were made, within one millisecond too', () => {
    const ids = newIds(100_000);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(100_000);
    expect(newId() > ids.at(-1)!).toBe(true);
  });

  test('an id tells when it was made', () => {
    const before = Date.now();
    const made = idTime(newId()).getTime();
    expect(made).toBeGreaterThanOrEqual(before);
    expect(made).toBeLessThanOrEqual(Date.now() + 1);
    expect(idTime('019aa1b2-c3d4-7fff-bfff-ffffffffffff')).toEqual(new Date(0x019aa1b2c3d4));
  });

  test('the floor of a time lies below every id of its millisecond and above those before it', () => {
    const id = newId();
    const time = idTime(id);
    expect(idFloor(time) < id).toBe(true);
    expect(idFloor(new Date(time.getTime() + 1)) > id).toBe(true);
    expect(idFloor(new Date('2026-11-01T00:00:00Z'))).toBe('01a19467-e800-7000-8000-000000000000');
    expect(idTime(idFloor(time))).toEqual(time);
  });

  test.each([
    ['019aa1b2-c3d4-7fff-bfff-ffffffffffff', true],
    ['019AA1B2-C3D4-7FFF-BFFF-FFFFFFFFFFFF', false],
    ['019aa1b2c3d47fffbfffffffffffffff', false],
    ['', false],
    ['019aa1b2-c3d4-7fff-bfff-ffffffffffff\n', false],
  ])('%j is an id: %s', (value, expected) => {
    expect(isUuid(value)).toBe(expected);
  });
});
