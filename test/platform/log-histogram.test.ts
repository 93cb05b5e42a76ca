import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, percentile, valueOf } from '../../src/platform/log-histogram.js';

const countsOf = (values: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
  return counts;
};

const nearestRank = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1]!;

describe('a histogram', () => {
  test('puts all up to 1 into the first bucket', () => {
    expect([-5, 0, 1, 1.01].map(bucketOf)).toEqual([0, 0, 0, 1]);
  });

  test('tells any value within 5 %, from a millisecond to a year', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 365 * 86_400_000 }), (value) => {
        expect(Math.abs(valueOf(bucketOf(value)) / value - 1)).toBeLessThanOrEqual(0.0477);
      }),
    );
  });

  test('tells percentiles within 5 % of the true ones', () => {
    const values = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (some, q) => {
        const told = percentile(countsOf(some), q);
        expect(Math.abs((told ?? 0) / nearestRank(some, q) - 1)).toBeLessThanOrEqual(0.0477);
      }),
    );
  });

  test('has no percentiles without values', () => {
    expect(percentile(new Map(), 0.5)).toBeNull();
    expect(percentile(new Map([[3, 0]]), 0.5)).toBeNull();
  });
});
