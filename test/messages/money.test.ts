import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromMicros, isExact, sum, toMicros } from '../../src/messages/money.js';

describe('an amount', () => {
  test.each([
    ['0', 0n, '0'],
    ['0.0083', 8_300n, '0.0083'],
    ['0.007500', 7_500n, '0.0075'],
    ['-1.5', -1_500_000n, '-1.5'],
    ['999999999999.999999', 999_999_999_999_999_999n, '999999999999.999999'],
  ])('%s is kept exactly', (amount, micros, written) => {
    expect(toMicros(amount)).toBe(micros);
    expect(fromMicros(micros)).toBe(written);
  });

  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), (micros) => {
        expect(toMicros(fromMicros(micros))).toBe(micros);
      }),
    );
  });

  test.each(['', '.5', '1.', '1,5', '1e3', '0.0000001', '1000000000000', '+1', ' 1', 'NaN'])('%j is none that can be kept', (amount) => {
    expect(isExact(amount)).toBe(false);
    expect(() => toMicros(amount)).toThrow();
  });
});

describe('a sum', () => {
  const usd = (amount: string) => ({ amount, currency: 'USD' });

  test('has no rounding in it', () => {
    expect(sum(Array.from({ length: 10 }, () => usd('0.1')))).toEqual(usd('1'));
  });

  test('of nothing, and of several currencies, is none', () => {
    expect(sum([])).toBeNull();
    expect(sum([usd('1'), { amount: '1', currency: 'EUR' }])).toBeNull();
  });
});
