import { describe, expect, test } from 'vitest';
import { allChecks, askPolicy, notable, openChannel, POLICY_RULES } from '../../src/consent/policy-gate.js';
import type { ConsentState } from '../../src/consent/consent.row.js';
import { NO_COUNTRY } from '../../src/contacts/phone-number.js';
import type { MessageCategory } from '../../src/vocabulary.js';
import { NOW } from '../support/builders.js';
import { policyFacts } from '../support/policy-facts.js';

type Overrides = NonNullable<Parameters<typeof policyFacts>[0]>;

const day = { start: '08:00', end: '20:00', categories: ['UTILITY' as const] };
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const WHATSAPP = { channel: 'WHATSAPP' } as const;

/** In the order in which they are asked. */
const FORBIDDING: [string, Overrides, string, string, string, RegExp][] = [
  ['messaging is off on this server', { messagingEnabled: false }, 'TENANT_ENABLED', 'WAIT', 'CHANNEL_UNAVAILABLE', /MESSAGING_ENABLED/],
  ['it is off for the tenant', { tenant: { messagingEnabled: false } }, 'TENANT_ENABLED', 'WAIT', 'CHANNEL_UNAVAILABLE', /tenant/],
  ['the country is not allowed', { tenant: { allowedCountries: ['SA'] } }, 'COUNTRY', 'SUPPRESS', 'COUNTRY_NOT_ALLOWED', /US/],
  [
    'the number is of no country, where only some are allowed',
    { message: { country: NO_COUNTRY }, tenant: { allowedCountries: ['SA'] } },
    'COUNTRY',
    'SUPPRESS',
    'COUNTRY_NOT_ALLOWED',
    /of no country/,
  ],
  ['the person has answered STOP', { person: { suppressedBy: 'KEYWORD' } }, 'SUPPRESSION', 'SUPPRESS', 'OPTED_OUT', /STOP/],
  ['the provider has told an opt-out', { person: { suppressedBy: 'PROVIDER' } }, 'SUPPRESSION', 'SUPPRESS', 'OPTED_OUT', /provider/],
  ['nobody has agreed', { person: { consent: null } }, 'CONSENT', 'SUPPRESS', 'CONSENT_REQUIRED', /no consent/],
  ['the topic is not wanted', { person: { preference: false } }, 'PREFERENCE', 'SUPPRESS', 'PREFERENCE_DISABLED', /want/],
  [
    'the cap is reached',
    { person: { cap: { max: 2, perSeconds: 60, sent: 2 } } },
    'FREQUENCY_CAP',
    'SUPPRESS',
    'RATE_LIMITED',
    /2 of at most 2/,
  ],
  ['the person never wrote by WhatsApp', { message: WHATSAPP }, 'SESSION_WINDOW', 'SUPPRESS', 'SESSION_WINDOW_CLOSED', /not written/],
  [
    'the session is over',
    { message: WHATSAPP, person: { sessionUntil: NOW } },
    'SESSION_WINDOW',
    'SUPPRESS',
    'SESSION_WINDOW_CLOSED',
    /24 hours/,
  ],
  [
    'the budget is used up',
    { budgets: [{ period: 'DAY', currency: 'USD', limit: 10n, used: 10n, cost: 0n }] },
    'BUDGET',
    'WAIT',
    'BUDGET_EXCEEDED',
    /day/,
  ],
  [
    'it would pass the budget',
    { budgets: [{ period: 'MONTH', currency: 'USD', limit: 10n, used: 9n, cost: 2n }] },
    'BUDGET',
    'WAIT',
    'BUDGET_EXCEEDED',
    /month/,
  ],
  [
    'quiet hours outlast its validity',
    { tenant: { quietHours: day }, message: { expiresAt: later(60) } },
    'QUIET_HOURS',
    'EXPIRE',
    'QUIET_HOURS',
    /before that/,
  ],
  ['its time is over', { message: { expiresAt: NOW } }, 'VALIDITY', 'EXPIRE', 'INVALID_INPUT', /expiresAt/],
];

describe('the policy gate', () => {
  test('lets through what nothing forbids, and tells every rule', () => {
    const verdict = askPolicy(policyFacts());
    expect(verdict).toMatchObject({ decision: 'SEND', refusal: null, failures: [], notBefore: null });
    expect(verdict.checks.map(({ rule, passed }) => [rule, passed])).toEqual(POLICY_RULES.map((rule) => [rule, true]));
  });

  test.each(FORBIDDING)('holds back when %s', (_what, overrides, rule, decision, code, message) => {
    const verdict = askPolicy(policyFacts(overrides));
    expect(verdict).toMatchObject({ decision, refusal: { rule, code, message: expect.stringMatching(message) } });
    expect(verdict.checks.filter(({ passed }) => !passed)).toEqual([{ rule, passed: false, detail: verdict.refusal?.message }]);
  });

  test('goes by the first rule that forbids, and still tells the others', () => {
    const all = FORBIDDING.reduce<Overrides>(
      (facts, [, { tenant, message, person, ...rest }]) => ({
        ...facts,
        ...rest,
        tenant: { ...facts.tenant, ...tenant },
        message: { ...facts.message, ...message },
        person: { ...facts.person, ...person },
      }),
      {},
    );
    const verdict = askPolicy(policyFacts(all));
    expect(verdict.failures.map(({ rule }) => rule)).toEqual(POLICY_RULES);
    expect(verdict).toMatchObject({ decision: 'WAIT', refusal: { rule: 'TENANT_ENABLED' } });
  });

  test('puts off what would go out in quiet hours', () => {
    const verdict = askPolicy(policyFacts({ tenant: { quietHours: day } }));
    expect(verdict).toMatchObject({ decision: 'DEFER', refusal: null, notBefore: new Date('2026-03-01T20:00:00Z') });
    expect(verdict.checks.find(({ rule }) => rule === 'QUIET_HOURS')?.passed).toBe(false);
  });

  test.each<[string, Overrides]>([
    ['an allowed country', { tenant: { allowedCountries: ['SA', 'US'] } }],
    ['a WhatsApp user id, which is no number', { message: { country: null }, tenant: { allowedCountries: ['SA'] } }],
    ['time left', { message: { expiresAt: later(1) } }],
    ['a topic that is wanted', { person: { preference: true } }],
    ['one less than the cap', { person: { cap: { max: 2, perSeconds: 60, sent: 1 } } }],
    ['free text in an open session', { message: WHATSAPP, person: { sessionUntil: later(1) } }],
    ['a template without a session', { message: { ...WHATSAPP, isFreeText: false } }],
    ['what just fits the budget', { budgets: [{ period: 'DAY', currency: 'USD', limit: 10n, used: 8n, cost: 2n }] }],
    ['a category without quiet hours', { tenant: { quietHours: { ...day, categories: ['MARKETING'] } } }],
    ['the quiet hours of another zone', { tenant: { quietHours: day, timeZone: 'Asia/Tokyo' }, person: {} }],
    ['waking hours of the person', { tenant: { quietHours: day }, person: { timeZone: 'Asia/Tokyo' } }],
  ])('lets through %s', (_what, overrides) => {
    expect(askPolicy(policyFacts(overrides)).decision).toBe('SEND');
  });
});

describe('consent', () => {
  const decide = (category: MessageCategory, state: ConsentState, implied: MessageCategory[] = [], expiresAt: Date | null = null) =>
    askPolicy(policyFacts({ message: { category }, tenant: { impliedConsent: implied }, person: { consent: { state, expiresAt } } }))
      .refusal?.code ?? 'SEND';

  test.each<[MessageCategory, Record<ConsentState, string>]>([
    ['AUTHENTICATION', { NONE: 'SEND', PENDING: 'SEND', GRANTED: 'SEND', WITHDRAWN: 'OPTED_OUT' }],
    ['SERVICE', { NONE: 'SEND', PENDING: 'SEND', GRANTED: 'SEND', WITHDRAWN: 'OPTED_OUT' }],
    ['UTILITY', { NONE: 'CONSENT_REQUIRED', PENDING: 'CONSENT_REQUIRED', GRANTED: 'SEND', WITHDRAWN: 'OPTED_OUT' }],
    ['MARKETING', { NONE: 'CONSENT_REQUIRED', PENDING: 'CONSENT_REQUIRED', GRANTED: 'SEND', WITHDRAWN: 'OPTED_OUT' }],
  ])('to %s is asked for as the category needs it', (category, expected) => {
    const states = Object.keys(expected) as ConsentState[];
    expect(Object.fromEntries(states.map((state) => [state, decide(category, state)]))).toEqual(expected);
  });

  test('that is implied lasts until it is withdrawn, and never covers MARKETING', () => {
    expect(decide('UTILITY', 'NONE', ['UTILITY'])).toBe('SEND');
    expect(decide('UTILITY', 'WITHDRAWN', ['UTILITY'])).toBe('OPTED_OUT');
    expect(decide('MARKETING', 'NONE', ['MARKETING'])).toBe('CONSENT_REQUIRED');
  });

  test('ends when it expires, by the time at which the message goes out', () => {
    expect(decide('MARKETING', 'GRANTED', [], later(1))).toBe('SEND');
    expect(decide('MARKETING', 'GRANTED', [], NOW)).toBe('CONSENT_REQUIRED');
    expect(decide('UTILITY', 'GRANTED', ['UTILITY'], NOW)).toBe('SEND');
  });
});

describe('in quiet hours, what is over before they are', () => {
  test.each<[string, Overrides, string]>([
    ['a consent', { person: { consent: { state: 'GRANTED', expiresAt: later(60) } } }, 'CONSENT_REQUIRED'],
    ['a session', { message: WHATSAPP, person: { sessionUntil: later(60) } }, 'SESSION_WINDOW_CLOSED'],
  ])('%s covers no send that is asked for, and lets a claim be put off', (_what, overrides, code) => {
    const facts = policyFacts({ ...overrides, tenant: { quietHours: day } });
    expect(askPolicy(facts)).toMatchObject({ decision: 'DEFER', refusal: null });
    expect(askPolicy({ ...facts, looksAhead: true })).toMatchObject({ decision: 'SUPPRESS', refusal: { code } });
  });
});

describe('the confirmation of a STOP', () => {
  const WAIVED = ['SUPPRESSION', 'CONSENT', 'PREFERENCE', 'FREQUENCY_CAP', 'QUIET_HOURS'];

  test.each(FORBIDDING)('where %s', (_what, overrides, rule, decision) => {
    const facts = policyFacts({ ...overrides, message: { ...overrides.message, confirmsOptOut: true } });
    expect(askPolicy(facts).decision).toBe(WAIVED.includes(rule) ? 'SEND' : decision);
  });
});

describe('of several channels', () => {
  const closed = (channel: string, overrides: Overrides) => (asked: string) => policyFacts(asked === channel ? overrides : {});

  test.each<[string, Overrides]>([
    ['is suppressed', { person: { suppressedBy: 'KEYWORD' } }],
    ['has no consent', { person: { consent: null } }],
    ['is not wanted for the topic', { person: { preference: false } }],
    ['cannot be written to freely', { message: WHATSAPP }],
  ])('one that %s is passed over', (_what, overrides) => {
    expect(openChannel(['WHATSAPP', 'SMS'], closed('WHATSAPP', overrides))).toBe('SMS');
    expect(openChannel(['WHATSAPP', 'SMS'], closed('SMS', overrides))).toBe('WHATSAPP');
  });

  test('the first is left where none is open, and where the obstacle is the same on all', () => {
    expect(openChannel(['WHATSAPP', 'SMS'], () => policyFacts({ person: { consent: null } }))).toBe('WHATSAPP');
    expect(openChannel(['WHATSAPP', 'SMS'], () => policyFacts({ messagingEnabled: false, message: { isFreeText: false } }))).toBe(
      'WHATSAPP',
    );
  });
});

test('what is kept of the checks says as much as all of them', () => {
  for (const [, overrides] of FORBIDDING) {
    const { checks } = askPolicy(policyFacts(overrides));
    expect(allChecks(notable(checks))).toEqual(checks);
  }
  expect(notable(askPolicy(policyFacts({ message: { category: 'SERVICE' }, person: { consent: null } })).checks)).toEqual([]);
});
