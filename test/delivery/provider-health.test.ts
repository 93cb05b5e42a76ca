import { beforeEach, describe, expect, test } from 'vitest';
import { ProviderHealth, successRate } from '../../src/delivery/provider-health.js';
import { providerError } from '../support/builders.js';

const START = 1_000_000_000_000;
let health: ProviderHealth;
beforeEach(() => void (health = new ProviderHealth()));

const outage = (at: number, times = 20): void => {
  for (let i = 0; i < times; i++) health.failed('twilio', providerError(), 100, at);
};

/** The state as others read it. */
const circuitAt = (at: number): string => health.snapshot('twilio', at).circuit;

describe('a provider that nobody has asked yet', () => {
  test('may be asked', () => {
    expect(health.admits('twilio', START)).toBe(true);
    expect(health.snapshot('twilio', START)).toEqual({ circuit: 'CLOSED', succeeded: 0, failed: 0, durations: [] });
  });
});

describe('a provider with an outage', () => {
  test('is asked no more after twenty failed calls', () => {
    outage(START, 19);
    expect(health.admits('twilio', START)).toBe(true);
    outage(START, 1);
    expect(health.admits('twilio', START)).toBe(false);
    expect(circuitAt(START)).toBe('OPEN');
  });

  test('leaves other providers alone', () => {
    outage(START);
    expect(health.admits('simulator', START)).toBe(true);
  });

  test('gets five trials after ten seconds, and all messages once most of them succeeded', () => {
    outage(START);
    const later = START + 10_000;
    expect([1, 2, 3, 4, 5, 6].map(() => health.admits('twilio', later))).toEqual([true, true, true, true, true, false]);
    for (let i = 0; i < 3; i++) health.succeeded('twilio', 100, later);
    expect([1, 2, 3, 4, 5, 6].every(() => health.admits('twilio', later))).toBe(true);
    expect(circuitAt(later)).toBe('CLOSED');
  });

  test('is left alone again when most trials fail', () => {
    outage(START);
    const later = START + 10_000;
    health.admits('twilio', later);
    outage(later, 3);
    expect(health.admits('twilio', later + 9_999)).toBe(false);
    expect(health.admits('twilio', later + 10_000)).toBe(true);
  });

  test('gets new trials when nothing came of the first', () => {
    outage(START);
    for (let i = 0; i < 5; i++) health.admits('twilio', START + 10_000);
    expect(health.admits('twilio', START + 19_999)).toBe(false);
    expect(health.admits('twilio', START + 20_000)).toBe(true);
  });

  test('gets all messages again where little is sent, once what is sent succeeds', () => {
    outage(START);
    for (const after of [10_000, 21_000, 32_000]) {
      expect(health.admits('twilio', START + after)).toBe(true);
      health.succeeded('twilio', 100, START + after);
    }
    expect(circuitAt(START + 32_000)).toBe('CLOSED');
  });

  test('gets all messages again once nothing was sent for five minutes, which no trial would ever end', () => {
    outage(START);
    for (let at = 10_000; at < 300_000; at += 10_000) expect(circuitAt(START + at)).toBe('HALF_OPEN');
    expect(circuitAt(START + 300_000)).toBe('CLOSED');
    expect(health.room('twilio', START + 300_000)).toBe(Infinity);
  });

  test('gets all messages again after five quiet minutes also when nobody has looked meanwhile', () => {
    outage(START);
    expect(circuitAt(START + 300_000)).toBe('CLOSED');
  });

  test('stays on trial for as long as trials fail now and then', () => {
    outage(START);
    outage(START + 200_000, 1);
    expect(circuitAt(START + 499_999)).toBe('HALF_OPEN');
    outage(START + 499_999, 1);
    expect(circuitAt(START + 700_000)).toBe('HALF_OPEN');
  });

  test('is worth asking again when its circuit half-opens', () => {
    outage(START);
    health.admits('twilio', START);
    expect(health.waitMs('twilio', START + 4_000)).toBe(6_000);
    expect(health.waitMs('twilio', START + 10_000)).toBe(1_000);
  });
});

describe('calls that are still under way', () => {
  const begin = (at: number, times: number): (() => void)[] => Array.from({ length: times }, () => health.asking('twilio', at));

  test('may turn out well: refusals that come first are no outage', () => {
    begin(START, 70);
    outage(START + 5, 30);
    expect(circuitAt(START + 5)).toBe('CLOSED');
  });

  test('say nothing good about a provider after two seconds', () => {
    begin(START, 70);
    outage(START + 2_000, 20);
    expect(circuitAt(START + 2_000)).toBe('OPEN');
  });

  test.each([64, 150, 1_500])('hide no outage, however many they are (%i)', (underWay) => {
    const calls = begin(START, underWay);
    for (let call = 1; call <= 3 * underWay; call++) {
      calls.shift()?.();
      outage(START, 1);
      calls.push(...begin(START, 1));
    }
    expect(circuitAt(START)).toBe('OPEN');
  });

  test('are none when they have ended', () => {
    begin(START, 70).forEach((end) => end());
    outage(START + 5, 20);
    expect(circuitAt(START + 5)).toBe('OPEN');
  });
});

describe('failed calls', () => {
  test.each(['INVALID_RECIPIENT', 'OPTED_OUT', 'CONTENT_REJECTED', 'SENDER_MISCONFIGURED', 'UNKNOWN'] as const)(
    'of %s prove that the provider works',
    (kind) => {
      for (let i = 0; i < 50; i++) health.failed('twilio', providerError(kind), 100, START);
      expect(health.snapshot('twilio', START)).toMatchObject({ circuit: 'CLOSED', succeeded: 50, failed: 0 });
    },
  );

  test.each([
    ['PROVIDER_UNAVAILABLE', {}],
    ['TIMEOUT', {}],
    ['SENDER_MISCONFIGURED', { ofAccount: true }],
  ] as const)('of %s are an outage when every message would meet them: %o', (kind, options) => {
    for (let i = 0; i < 20; i++) health.failed('twilio', providerError(kind, options), 100, START);
    expect(circuitAt(START)).toBe('OPEN');
  });

  test('are an outage after sixty of them, however well the minute before went', () => {
    for (let i = 0; i < 5_000; i++) health.succeeded('twilio', 100, START);
    outage(START, 59);
    expect(circuitAt(START)).toBe('CLOSED');
    outage(START, 1);
    expect(circuitAt(START)).toBe('OPEN');
  });

  test('that have opened a circuit do not open it again after its trial', () => {
    outage(START);
    for (let i = 0; i < 3; i++) {
      health.admits('twilio', START + 10_000);
      health.succeeded('twilio', 100, START + 10_000);
    }
    outage(START + 10_000, 19);
    expect(circuitAt(START + 10_000)).toBe('CLOSED');
  });

  test('are forgotten after a minute, also when nothing was sent meanwhile', () => {
    outage(START, 19);
    outage(START + 60_000, 1);
    expect(health.snapshot('twilio', START + 60_000)).toMatchObject({ circuit: 'CLOSED', failed: 1 });
  });
});

test('an answer from a moment ago counts as one of now, also when a new slice of the minute has begun', () => {
  health.admits('twilio', START + 10_000);
  outage(START + 9_999, 19);
  expect(health.snapshot('twilio', START + 60_000)).toMatchObject({ failed: 19 });
});

describe('a rate limit', () => {
  test.each([
    [undefined, 500],
    [7, 7_000],
    [3600, 30_000],
  ])('holds messages back for as long as the provider asks, half a minute at most (%s s: %i ms)', (retryAfterSeconds, ms) => {
    health.failed('twilio', providerError('RATE_LIMITED', { retryAfterSeconds }), 100, START);
    expect(health.admits('twilio', START + ms - 1)).toBe(false);
    expect(health.waitMs('twilio', START)).toBe(ms);
    expect(health.admits('twilio', START + ms)).toBe(true);
  });

  test('is not shortened by a later one', () => {
    health.failed('twilio', providerError('RATE_LIMITED', { retryAfterSeconds: 10 }), 100, START);
    health.failed('twilio', providerError('RATE_LIMITED', { retryAfterSeconds: 1 }), 100, START);
    expect(health.admits('twilio', START + 9_999)).toBe(false);
  });
});

describe('figures', () => {
  test('count answer times by powers of two', () => {
    for (const ms of [0, 1, 2, 3, 900]) health.succeeded('twilio', ms, START);
    const { durations } = health.snapshot('twilio', START);
    expect(Object.entries(durations)).toEqual([
      ['0', 2],
      ['1', 1],
      ['2', 1],
      ['10', 1],
    ]);
  });

  test('say that all is well without calls', () => {
    expect([successRate({ succeeded: 0, failed: 0 }), successRate({ succeeded: 3, failed: 1 })]).toEqual([1, 0.75]);
  });
});
