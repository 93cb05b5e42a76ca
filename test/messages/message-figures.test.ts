import { describe, expect, test } from 'vitest';
import { FigureSum, type FigureRow } from '../../src/messages/figure-sum.js';
import { COUNTS, FIGURED } from '../../src/messages/message-figures.js';
import { MESSAGE_STATUSES } from '../../src/messages/message-status.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { messageRow } from '../support/builders.js';

const CREATED = new Date('2026-03-01T12:00:59.999Z');
const later = (ms: number): Date => new Date(CREATED.getTime() + ms);

const row = (overrides: Partial<MessageRow> = {}): MessageRow => messageRow({ createdAt: CREATED, segments: null, ...overrides });

/** The figures of one message. */
function figures(overrides: Partial<MessageRow> = {}): FigureRow {
  const sum = new FigureSum();
  sum.add(row(overrides), 1);
  const [only, ...others] = sum.rows();
  expect(others).toEqual([]);
  return only!;
}

/** What is counted, by name. */
const counted = (overrides: Partial<MessageRow> = {}): Record<string, number> => {
  const all = figures(overrides);
  return Object.fromEntries(COUNTS.flatMap((name) => (all[name] === 0 ? [] : [[name, all[name]]])));
};

describe('the figures of a message', () => {
  test('belong to the minute in which it was accepted, and to its kind', () => {
    const kind = { channel: 'WHATSAPP', category: 'MARKETING', provider: 'twilio', templateCode: 'spring', batchId: 'b' } as const;
    expect(figures(kind)).toMatchObject({ ...kind, at: new Date('2026-03-01T12:00:00Z'), currency: null, cost: '0' });
  });

  test.each(MESSAGE_STATUSES)('count it under %s, and under no other status', (status) => {
    expect(counted({ status })).toEqual({ [status.toLowerCase()]: 1 });
  });

  test('do not call it late for what was before it was accepted', () => {
    const accepted = { status: 'DELIVERED', scheduledFor: later(-3_600_000), sentAt: later(500), deliveredAt: later(1_000) } as const;
    expect(counted(accepted)).toMatchObject({ onTime: 1 });
    expect(figures(accepted).details).toEqual(figures({ ...accepted, scheduledFor: null }).details);
  });

  test('count its segments', () => {
    expect(counted({ segments: 3 })).toEqual({ queued: 1, segments: 3 });
  });

  test('take its cost exactly, as the database keeps it', () => {
    const cost = { costAmount: '0.00830049', costCurrency: 'EUR' };
    expect(figures(cost)).toMatchObject({ cost: '0.0083', currency: 'EUR' });
    expect(figures({ ...cost, costAmount: '0.0000005' }).cost).toBe('0.000001');
    expect(figures({ ...cost, costAmount: '-1.2345675' }).cost).toBe('-1.234568');
  });

  test('take what its earlier calls were charged, each in its currency', () => {
    const sum = new FigureSum();
    const earlier = [
      { providerMessageId: 'SM1', amount: '0.01', currency: 'EUR' },
      { providerMessageId: 'SM2', amount: '0.0075', currency: 'USD' },
    ];
    sum.add(row({ costAmount: '0.0075', costCurrency: 'USD', earlierCharges: earlier }), 1);
    sum.add(row({ status: 'FAILED', earlierCharges: earlier }), 1);
    const told = sum.rows().map(({ currency, cost, queued, failed: dead }) => ({ currency, cost, queued, dead }));
    expect(told).toEqual([
      { currency: 'USD', cost: '0.0225', queued: 1, dead: 0 },
      { currency: 'EUR', cost: '0.02', queued: 0, dead: 0 },
      { currency: null, cost: '0', queued: 0, dead: 1 },
    ]);
  });

  test('take what a provider has taken and told no price of by the price list, until it tells one', () => {
    const sent = { sentAt: CREATED, estimateAmount: '0.0083', estimateCurrency: 'EUR', costCurrency: null } as const;
    const expected = (overrides: Partial<MessageRow>): unknown => figures({ ...sent, ...overrides }).details['expected:EUR'];
    for (const status of ['SENT', 'DELIVERED', 'READ', 'FAILED', 'CANCELLED'] as const) expect(expected({ status })).toBe(8_300);
    for (const status of ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED'] as const) expect(expected({ status })).toBeUndefined();
    expect(expected({ status: 'FAILED', sentAt: null })).toBeUndefined();
    expect(expected({ status: 'DELIVERED', costAmount: '0.01', costCurrency: 'EUR' })).toBeUndefined();
    expect(figures({ ...sent, status: 'DELIVERED' })).toMatchObject({ cost: '0', currency: null });
  });

  test.each([
    [0, true],
    [30_000, true],
    [30_001, false],
  ])('say of one that is delivered %d ms after being due that the objective is met: %s', (ms, met) => {
    expect(counted({ status: 'DELIVERED', deliveredAt: later(ms) })['onTime']).toBe(met ? 1 : undefined);
  });

  test('measure a scheduled message from its time, not from when it was accepted', () => {
    const due = later(3_600_000);
    const times = { scheduledFor: due, firstAskedAt: new Date(due.getTime() + 1_000), deliveredAt: new Date(due.getTime() + 2_000) };
    const { onTime, details } = figures({ status: 'READ', ...times, providerMs: 80 });
    expect({ onTime, details }).toEqual({ onTime: 1, details: { 'queue:73': 1, 'delivery:80': 1, 'provider:46': 1 } });
  });

  test('take a report that came before its time as at once', () => {
    expect(figures({ status: 'DELIVERED', deliveredAt: later(-50) }).details).toEqual({ 'delivery:0': 1 });
  });

  test.each([
    ['DELIVERED', { attempts: 2 }, { retriedDelivered: 1 }],
    ['READ', { attempts: 1, retriedAt: CREATED }, { retriedDelivered: 1 }],
    ['FAILED', { attempts: 3 }, { retriedFailed: 1 }],
    ['FAILED', { attempts: 1 }, {}],
    ['SENT', { attempts: 2 }, {}],
  ] as const)('count one that is %s with %o as tried again: %o', (status, overrides, expected) => {
    expect(counted({ status, ...overrides })).toEqual({ [status.toLowerCase()]: 1, ...expected });
  });

  test('name the error of a dead letter, and of no other', () => {
    const error = { errorKind: 'UNREACHABLE', errorCode: '30005' } as const;
    expect(figures({ status: 'FAILED', ...error }).details).toEqual({ 'error:UNREACHABLE:30005': 1 });
    expect(figures({ status: 'FAILED', errorKind: 'TIMEOUT' }).details).toEqual({ 'error:TIMEOUT:': 1 });
    expect(figures({ status: 'QUEUED', ...error }).details).toEqual({});
  });

  test('remember by the hour since when a sent one waits for its receipt', () => {
    const sentAt = new Date('1970-01-02T01:59:59Z');
    expect(figures({ status: 'SENT', sentAt }).details).toEqual({ 'sent:25': 1 });
    expect(figures({ status: 'DELIVERED', sentAt }).details).toEqual({});
  });

  test('follow from the columns that they are said to follow from', () => {
    const known = new Set<string>(FIGURED);
    const touched = new Set<string>();
    const watched = new Proxy(row(), { get: (target, name) => (touched.add(String(name)), Reflect.get(target, name)) });
    for (const status of MESSAGE_STATUSES) new FigureSum().add(Object.assign(watched, { status }), 1);
    expect([...touched].filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('a sum of figures', () => {
  test('is nothing when what was added is taken away', () => {
    const sum = new FigureSum();
    const one = row({ status: 'SENT', provider: 'twilio', segments: 2, costAmount: '0.1', costCurrency: 'USD', sentAt: CREATED });
    sum.add(one, 1);
    sum.add(one, -1);
    expect(sum.rows()).toEqual([]);
  });

  test('keeps kinds apart, and adds up those that are the same', () => {
    const sum = new FigureSum();
    const kinds = [{}, { provider: 'twilio' }, {}, { batchId: 'a' }, { provider: 'twilio' }, {}];
    for (const kind of kinds) sum.add(row(kind), 1);
    expect(sum.rows().map(({ provider, batchId, queued }) => [provider, batchId, queued])).toEqual([
      [null, null, 3],
      ['twilio', null, 2],
      [null, 'a', 1],
    ]);
  });

  test('tells a change as what goes and what comes', () => {
    const sum = new FigureSum();
    sum.add(row({ provider: 'twilio' }), -1);
    sum.add(row({ provider: 'twilio', status: 'SENDING' }), 1);
    expect(sum.rows()).toEqual([expect.objectContaining({ queued: -1, sending: 1, cost: '0', details: {} })]);
  });

  test('adds a thousand small amounts exactly', () => {
    const sum = new FigureSum();
    for (let count = 0; count < 1_000; count++) sum.add(row({ costAmount: '0.0083', costCurrency: 'USD' }), 1);
    expect(sum.rows().map(({ cost }) => cost)).toEqual(['8.3']);
  });
});
