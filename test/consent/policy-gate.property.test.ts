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
  looksAhead: fc.boolean(),
  messagingEnabled: fc.boolean(),
  tenant,
  message,
  person,
  budgets: fc.constant([]),
});

/** Facts under which the rule does not hold; null where none were found. */
const against = (rule: (asked: PolicyFacts) => boolean): PolicyFacts | null =>
  fc.check(fc.property(facts, rule), { numRuns: 5_000 }).counterexample?.[0] ?? null;
const isHeldBack = (asked: PolicyFacts): boolean => !['SEND', 'DEFER'].includes(askPolicy(asked).decision);

describe('whatever else is known, the policy gate lets nothing out', () => {
  test('to somebody who is suppressed', () => {
    expect(against((asked) => asked.person.suppressedBy === null || isHeldBack(asked))).toBeNull();
  });

  test('against a consent that was withdrawn', () => {
    expect(against((asked) => asked.person.consent?.state !== 'WITHDRAWN' || isHeldBack(asked))).toBeNull();
  });

  test('of MARKETING without a consent that was granted and lasts', () => {
    const lasts = ({ at, person: { consent } }: PolicyFacts): boolean =>
      consent?.state === 'GRANTED' && (consent.expiresAt === null || consent.expiresAt > at);
    expect(against((asked) => asked.message.category !== 'MARKETING' || lasts(asked) || isHeldBack(asked))).toBeNull();
  });

  test('of UTILITY without a consent, unless the tenant implies it', () => {
    const isOpen = ({ tenant: { impliedConsent }, person: { consent } }: PolicyFacts): boolean =>
      consent?.state === 'GRANTED' || impliedConsent.includes('UTILITY');
    expect(against((asked) => asked.message.category !== 'UTILITY' || isOpen(asked) || isHeldBack(asked))).toBeNull();
  });

  test('whose validity ends before it may', () => {
    const isOver = (asked: PolicyFacts): boolean => {
      const { expiresAt } = asked.message;
      return expiresAt !== null && expiresAt <= (askPolicy(asked).notBefore ?? asked.at);
    };
    expect(against((asked) => !isOver(asked) || isHeldBack(asked))).toBeNull();
  });

  test('and always names a rule, a code and a reason for what it holds back', () => {
    const isTold = (asked: PolicyFacts): boolean => {
      const { decision, refusal, checks } = askPolicy(asked);
      const failed = checks.filter(({ passed }) => !passed);
      return (
        (refusal !== null) === isHeldBack(asked) && failed.length > 0 === (decision !== 'SEND') && failed.every(({ detail }) => detail)
      );
    };
    expect(against(isTold)).toBeNull();
  });
});
