import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askPolicy } from '../../src/consent/policy-gate.js';
import type { MessageFacts, PersonFacts, PolicyFacts, TenantPolicy } from '../../src/consent/policy-facts.js';
import { Channel, MessageCategory } from '../../src/vocabulary.js';

const category = fc.constantFrom(...Object.values(MessageCategory));
const moment = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null });
const zone = fc.constantFrom('UTC', 'Asia/Riyadh', 'America/New_York');
const state = fc.constantFrom('NONE' as const, 'PENDING' as const, 'GRANTED' as const, 'WITHDRAWN' as const);

const tenant: fc.Arbitrary<TenantPolicy> = fc.record({
  messagingEnabled: fc.boolean(),
  allowedCountries: maybe(fc.subarray(['SA', 'US'])),
  impliedConsent: fc.subarray(Object.values(MessageCategory)),
  quietHours: maybe(
    fc.record({
      start: fc.constant('21:00'),
      end: fc.constantFrom('08:00', '23:00'),
      categories: fc.subarray(Object.values(MessageCategory)),
    }),
  ),
  timeZone: zone,
});
const message: fc.Arbitrary<MessageFacts> = fc.record({
  channel: fc.constantFrom(...Object.values(Channel)),
  category,
  topic: maybe(fc.constant('news')),
  country: maybe(fc.constantFrom('SA', 'US', 'GB')),
  isFreeText: fc.boolean(),
  expiresAt: maybe(moment),
});
const person: fc.Arbitrary<PersonFacts> = fc.record({
  timeZone: maybe(zone),
  language: maybe(fc.constant('ar')),
  suppressedBy: maybe(fc.constantFrom('KEYWORD', 'PROVIDER', 'API')),
  consent: maybe(fc.record({ state, expiresAt: maybe(moment) })),
  preference: maybe(fc.boolean()),
  cap: maybe(fc.record({ max: fc.integer({ min: 1, max: 3 }), perSeconds: fc.constant(60), sent: fc.nat(4) })),
  sessionUntil: maybe(moment),
});
const facts: fc.Arbitrary<PolicyFacts> = fc.record({
  at: moment,
  messagingEnabled: fc.boolean(),
  tenant,
  message,
  person,
  budgets: fc.constant([]),
});

const holds = (rule: (facts: PolicyFacts) => void): void => fc.assert(fc.property(facts, rule), { numRuns: 5_000 });
const goesOut = (asked: PolicyFacts): boolean => ['SEND', 'DEFER'].includes(askPolicy(asked).decision);

describe('whatever else is known, the policy gate lets nothing out', () => {
  test('to somebody who is suppressed', () => {
    holds((asked) => void expect(goesOut(asked) && asked.person.suppressedBy !== null).toBe(false));
  });

  test('against a consent that was withdrawn', () => {
    holds((asked) => void expect(goesOut(asked) && asked.person.consent?.state === 'WITHDRAWN').toBe(false));
  });

  test('of MARKETING without a consent that was granted and lasts', () => {
    holds((asked) => {
      const { consent } = asked.person;
      const lasts = consent?.state === 'GRANTED' && (consent.expiresAt === null || consent.expiresAt > asked.at);
      expect(asked.message.category === 'MARKETING' && goesOut(asked) && !lasts).toBe(false);
    });
  });

  test('of UTILITY without a consent, unless the tenant implies it', () => {
    holds((asked) => {
      const isOpen = asked.person.consent?.state === 'GRANTED' || asked.tenant.impliedConsent.includes('UTILITY');
      expect(asked.message.category === 'UTILITY' && goesOut(asked) && !isOpen).toBe(false);
    });
  });

  test('whose validity ends before it may', () => {
    holds((asked) => {
      const { decision, notBefore } = askPolicy(asked);
      const { expiresAt } = asked.message;
      if (decision === 'SEND' || decision === 'DEFER') expect(expiresAt === null || expiresAt > (notBefore ?? asked.at)).toBe(true);
    });
  });

  test('and always names a rule, a code and a reason for what it holds back', () => {
    holds((asked) => {
      const { decision, refusal, checks } = askPolicy(asked);
      expect(refusal === null).toBe(decision === 'SEND' || decision === 'DEFER');
      expect(checks.find(({ passed }) => !passed)?.detail ?? null).toEqual(decision === 'SEND' ? null : expect.any(String));
    });
  });
});
