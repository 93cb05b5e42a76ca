import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryDelayMs } from '../../src/delivery/retry-policy.js';
import { providerError } from '../support/builders.js';

const settings = { outageSeconds: 300, networkSeconds: 5 };
const middle = 0.5;

describe('the wait before the next attempt', () => {
  test.each([
    [1, 300],
    [2, 600],
    [3, 1200],
    [20, 6 * 3600],
  ])('doubles with each attempt, up to six hours (attempt %i: %i s)', (attempt, seconds) => {
    expect(retryDelayMs(providerError(), attempt, 'UTILITY', settings, middle)).toBe(seconds * 1000);
  });

  test.each([
    ['a fault of the network', providerError('PROVIDER_UNAVAILABLE', { code: 'ECONNREFUSED' }), 'UTILITY'],
    ['a fault of name resolution', providerError('PROVIDER_UNAVAILABLE', { code: 'EAI_AGAIN' }), 'UTILITY'],
    ['a rate limit', providerError('RATE_LIMITED'), 'MARKETING'],
    ['a one-time code', providerError(), 'AUTHENTICATION'],
  ] as const)('is seconds for %s', (_what, error, category) => {
    expect(retryDelayMs(error, 1, category, settings, middle)).toBe(5_000);
  });

  test.each([
    [0, 240_000],
    [0.25, 270_000],
    [1, 360_000],
  ])('is spread by a fifth to both sides (%d)', (random, ms) => {
    expect(retryDelayMs(providerError(), 1, 'UTILITY', settings, random)).toBe(ms);
  });

  test('is never shorter than what the provider asks for', () => {
    expect(retryDelayMs(providerError('RATE_LIMITED', { retryAfterSeconds: 30 }), 1, 'UTILITY', settings, middle)).toBe(30_000);
    expect(retryDelayMs(providerError('RATE_LIMITED', { retryAfterSeconds: 1 }), 1, 'UTILITY', settings, middle)).toBe(5_000);
  });

  test('after a rate limit is two minutes at most, unless the provider or the settings ask for more', () => {
    const limit = (retryAfterSeconds?: number, networkSeconds = 5): number =>
      retryDelayMs(providerError('RATE_LIMITED', { retryAfterSeconds }), 1_500, 'UTILITY', { ...settings, networkSeconds }, middle);
    expect([limit(), limit(600), limit(undefined, 300)]).toEqual([120_000, 600_000, 300_000]);
  });

  test.each([1_800_000_000, 9_999_999_999_999, Infinity])('is six hours where the provider asks for more (%d s)', (retryAfterSeconds) => {
    const error = providerError('RATE_LIMITED', { retryAfterSeconds });
    expect(retryDelayMs(error, 1, 'UTILITY', settings, middle)).toBe(6 * 3600_000);
  });

  test('lies between four seconds and a little over seven hours, whatever happens', () => {
    const attempts = fc.integer({ min: 1, max: 5_000 });
    const category = fc.constantFrom('UTILITY' as const, 'AUTHENTICATION' as const);
    const error = fc
      .record({ kind: fc.constantFrom('PROVIDER_UNAVAILABLE' as const, 'RATE_LIMITED' as const), retryAfterSeconds: fc.double() })
      .map(({ kind, retryAfterSeconds }) => providerError(kind, { retryAfterSeconds }));
    fc.assert(
      fc.property(error, attempts, category, fc.double({ min: 0, max: 1, noNaN: true }), (met, attempt, of, random) => {
        const ms = retryDelayMs(met, attempt, of, settings, random);
        expect(ms).toBeGreaterThanOrEqual(4_000);
        expect(ms).toBeLessThanOrEqual(7.25 * 3600_000);
      }),
    );
  });
});
