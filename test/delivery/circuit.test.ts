import { describe, expect, test } from 'vitest';
import { emptyTally, nextCircuit, percentile, type Circuit, type Tally } from '../../src/delivery/circuit.js';

const tally = (succeeded: number, failed: number): Tally => ({ succeeded, failed, durations: [] });
const none = emptyTally();
const closed: Circuit = { state: 'CLOSED', since: 0 };
const open: Circuit = { state: 'OPEN', since: 1_000 };
const halfOpen: Circuit = { state: 'HALF_OPEN', since: 1_000 };

describe('a closed circuit', () => {
  test.each([
    ['six of ten calls met an outage', tally(8, 12), 'OPEN'],
    ['all of them did', tally(0, 20), 'OPEN'],
    ['half of them did', tally(10, 10), 'CLOSED'],
    ['there are too few calls to tell', tally(0, 19), 'CLOSED'],
    ['nobody has called', none, 'CLOSED'],
  ])('when %s', (_what, recent, state) => {
    expect(nextCircuit(closed, recent, none, 500, 0).state).toBe(state);
  });

  test('remembers when it opened', () => {
    expect(nextCircuit(closed, tally(0, 20), none, 500, 0)).toEqual({ state: 'OPEN', since: 500 });
  });
});

describe('an open circuit', () => {
  test('lets trials through after ten seconds, not before', () => {
    expect(nextCircuit(open, none, none, 10_999, 0)).toBe(open);
    expect(nextCircuit(open, none, none, 11_000, 0)).toEqual({ state: 'HALF_OPEN', since: 11_000 });
  });
});

describe('a half-open circuit', () => {
  test.each([
    ['closes when most trials succeed', tally(3, 2), { state: 'CLOSED', since: 2_000 }],
    ['opens again when most trials fail', tally(2, 3), { state: 'OPEN', since: 2_000 }],
    ['waits for its trials', tally(2, 2), halfOpen],
  ])('%s', (_what, sinceTrial, next) => {
    expect(nextCircuit(halfOpen, none, sinceTrial, 2_000, 0)).toEqual(next);
  });

  test('begins another trial when the first had no answer', () => {
    expect(nextCircuit(halfOpen, none, none, 11_000, 0)).toEqual({ state: 'HALF_OPEN', since: 11_000 });
  });
});

test.each([open, halfOpen])('a circuit closes when no call was answered for five minutes (%o)', (circuit) => {
  const answeredAt = 2_000;
  expect(nextCircuit(circuit, none, none, 301_999, answeredAt).state).toBe('HALF_OPEN');
  expect(nextCircuit(circuit, none, none, 302_000, answeredAt)).toEqual({ state: 'CLOSED', since: 302_000 });
});

describe('a percentile', () => {
  test('is the upper bound of its bucket, in seconds', () => {
    const durations = [0, 90, 0, 0, 0, 0, 0, 9, 0, 0, 1];
    expect([0.5, 0.95, 0.99, 1].map((q) => percentile(durations, q))).toEqual([0.002, 0.128, 0.128, 1.024]);
  });

  test('does not exist without calls', () => {
    expect(percentile([], 0.5)).toBeNull();
  });

  test('takes buckets that were never filled for empty', () => {
    const durations: number[] = [];
    durations[3] = 1;
    expect(percentile(durations, 0.5)).toBe(0.008);
  });
});
