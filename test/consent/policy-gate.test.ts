import { describe, expect, test } from 'vitest';
import { askPolicy, type PolicyFacts } from '../../src/consent/policy-gate.js';

const now = new Date('2026-03-01T12:00:00Z');
const facts = (overrides: Partial<PolicyFacts> = {}): PolicyFacts => ({
  now,
  messagingEnabled: true,
  tenant: { messagingEnabled: true, allowedCountries: null },
  country: 'US',
  expiresAt: null,
  ...overrides,
});

describe('the policy gate', () => {
  test('lets through what nothing forbids, and tells each rule that it asked', () => {
    expect(askPolicy(facts())).toEqual({
      decision: 'SEND',
      refusal: null,
      checks: [
        { rule: 'TENANT_ENABLED', passed: true, detail: null },
        { rule: 'COUNTRY', passed: true, detail: null },
        { rule: 'VALIDITY', passed: true, detail: null },
      ],
    });
  });

  test.each([
    ['messaging is off on this server', { messagingEnabled: false }, 'WAIT', 'CHANNEL_UNAVAILABLE', /MESSAGING_ENABLED/],
    ['it is off for the tenant', { tenant: { messagingEnabled: false, allowedCountries: null } }, 'WAIT', 'CHANNEL_UNAVAILABLE', /tenant/],
    [
      'the country is not allowed',
      { tenant: { messagingEnabled: true, allowedCountries: ['SA'] } },
      'SUPPRESS',
      'COUNTRY_NOT_ALLOWED',
      /US/,
    ],
    ['its time is over', { expiresAt: now }, 'EXPIRE', 'INVALID_INPUT', /expiresAt/],
  ] as const)('holds back when %s', (_what, overrides, decision, code, message) => {
    const verdict = askPolicy(facts(overrides as Partial<PolicyFacts>));
    expect(verdict).toMatchObject({ decision, refusal: { code, message: expect.stringMatching(message) } });
    expect(verdict.checks.at(-1)).toEqual({ rule: expect.any(String), passed: false, detail: verdict.refusal?.message });
    expect(verdict.checks.slice(0, -1).every(({ passed }) => passed)).toBe(true);
  });

  test('asks no further rule once one forbids', () => {
    expect(askPolicy(facts({ messagingEnabled: false, expiresAt: now })).checks.map(({ rule }) => rule)).toEqual(['TENANT_ENABLED']);
  });

  test.each([
    ['an allowed country', { tenant: { messagingEnabled: true, allowedCountries: ['SA', 'US'] } }],
    ['an address without a country', { country: null, tenant: { messagingEnabled: true, allowedCountries: ['SA'] } }],
    ['time left', { expiresAt: new Date(now.getTime() + 1) }],
  ])('lets through %s', (_what, overrides) => {
    expect(askPolicy(facts(overrides)).decision).toBe('SEND');
  });
});
