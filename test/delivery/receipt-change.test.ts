import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiptChange } from '../../src/delivery/receipt-change.js';
import type { Receipt } from '../../src/delivery/provider.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { LATER, messageRow, NOW, outcomeSettings, receipt, report, sendingRow, sentRow } from '../support/builders.js';

const settings = outcomeSettings();
const error = { kind: 'UNREACHABLE' as const, retryable: true, code: '30003', message: 'The phone is off.' };
const lasting = { kind: 'INVALID_RECIPIENT' as const, retryable: false, code: '30005', message: 'No such number.' };
const after = (ms: number): Date => new Date(LATER.getTime() + ms);

/** The row after the reports, in their order. */
const afterAll = (row: MessageRow, receipts: readonly Partial<Receipt>[]): MessageRow =>
  receipts.reduce((now, one) => ({ ...now, ...receiptChange(now, report(one), settings).set }), row);

describe('a good report', () => {
  test('moves the message on and ends what was planned for it', () => {
    const row = sentRow({ leaseUntil: after(300_000), fallbackAt: after(90_000) });
    const { set, note } = receiptChange(row, report({ status: 'DELIVERED' }), settings);
    expect(set).toMatchObject({ status: 'DELIVERED', deliveredAt: LATER, leaseUntil: null, hintAt: null, fallbackAt: null });
    expect(note).toMatchObject({ source: 'WEBHOOK', at: LATER, attempt: 1, provider: 'twilio', detail: { reported: 'delivered' } });
  });

  test('of READ also tells that the message was sent and delivered', () => {
    const { set } = receiptChange(sendingRow(), report({ status: 'READ' }), settings);
    expect(set).toMatchObject({ status: 'READ', sentAt: LATER, deliveredAt: LATER, readAt: LATER, providerMessageId: 'SM1' });
  });

  test('of SENT that comes before our own answer counts as the answer', () => {
    const { set } = receiptChange(sendingRow(), report({ status: 'SENT' }), settings);
    expect(set).toMatchObject({ status: 'SENT', sentAt: LATER, leaseUntil: after(5 * 60_000), providerMessageId: 'SM1' });
  });

  test('that comes late wins over a failure', () => {
    const row = sentRow({ status: 'FAILED', errorKind: 'UNREACHABLE', errorCode: '30003', errorMessage: 'It is off.', failedAt: NOW });
    const { set } = receiptChange(row, report({ status: 'DELIVERED' }), settings);
    expect(set).toMatchObject({ status: 'DELIVERED', failedAt: null, errorKind: null, errorCode: null, errorMessage: null });
  });

  test('keeps a message that waits for its next attempt from being sent again', () => {
    const row = messageRow({ attempts: 1, claims: 1 });
    expect(receiptChange(row, report({ status: 'DELIVERED' }), settings).set).toMatchObject({ status: 'DELIVERED', hintAt: null });
  });

  test('that repeats or comes late changes nothing and is told', () => {
    const row = sentRow({ status: 'READ', deliveredAt: NOW, readAt: NOW });
    for (const status of ['SENT', 'DELIVERED', 'READ'] as const)
      expect(receiptChange(row, report({ status }), settings)).toMatchObject({
        set: {},
        note: { detail: { reported: status.toLowerCase() } },
      });
  });
});

describe('a report of what it costs', () => {
  const cost = { amount: '0.0083', currency: 'USD' };

  test('is kept, once', () => {
    expect(receiptChange(sentRow(), report({ segments: 2, cost }), settings).set).toMatchObject({
      segments: 2,
      costAmount: '0.0083',
      costCurrency: 'USD',
    });
    const known = sentRow({ segments: 2, costAmount: '0.0083', costCurrency: 'USD', status: 'READ', deliveredAt: NOW, readAt: NOW });
    expect(receiptChange(known, report({ segments: 2, cost: { amount: '9', currency: 'EUR' } }), settings).set).toEqual({});
  });

  test('is kept also where the status is one that we do not know', () => {
    expect(receiptChange(sentRow(), report({ status: null, cost }), settings).set).toEqual({ costAmount: '0.0083', costCurrency: 'USD' });
  });

  test('does not take "not split yet" for a count', () => {
    expect(receiptChange(sentRow({ segments: 3 }), report({ segments: 0 }), settings).set).not.toHaveProperty('segments');
  });
});

describe('a failure', () => {
  test('that may pass queues the message again', () => {
    const { set, note } = receiptChange(sentRow({ fallbackAt: after(9) }), report({ status: 'FAILED', error }), settings);
    expect(set).toMatchObject({ status: 'QUEUED', attempts: 1, dueAt: after(300_000), hintAt: after(300_000), fallbackAt: null });
    expect(set).toMatchObject({ errorKind: 'UNREACHABLE', errorCode: '30003', errorRetryable: true });
    expect(note?.error).toEqual(error);
  });

  test('that lasts, or comes at the last attempt, is a dead letter', () => {
    expect(receiptChange(sentRow(), report({ status: 'FAILED', error: lasting }), settings).set).toMatchObject({
      status: 'FAILED',
      failedAt: LATER,
      errorKind: 'INVALID_RECIPIENT',
    });
    expect(receiptChange(sentRow({ attempts: 3 }), report({ status: 'FAILED', error }), settings).set.status).toBe('FAILED');
  });

  test('that may pass is a dead letter all the same where another message stands in: it must not go out beside it', () => {
    const { set } = receiptChange(sentRow({ fallbackId: 'another' }), report({ status: 'FAILED', error }), settings);
    expect(set).toMatchObject({ status: 'FAILED', failedAt: LATER, errorKind: 'UNREACHABLE', hintAt: null });
  });

  test('without a reason is one that lasts', () => {
    const { set } = receiptChange(sentRow(), report({ status: 'FAILED' }), settings);
    expect(set).toMatchObject({ status: 'FAILED', errorKind: 'UNKNOWN', errorRetryable: false });
  });

  test('shows no number that the provider’s text holds', () => {
    const named = { ...lasting, message: 'No such number: +14155550100' };
    const change = receiptChange(sentRow(), report({ status: 'FAILED', error: named }), settings);
    expect(JSON.stringify([change.set, change.note])).not.toContain('4155550100');
  });

  test.each(['DELIVERED', 'READ', 'FAILED', 'QUEUED', 'CANCELLED', 'EXPIRED'] as const)(
    'says nothing about a message that is %s',
    (status) => {
      const { set } = receiptChange(sentRow({ status }), report({ status: 'FAILED', error: lasting }), settings);
      expect(set).toEqual({});
    },
  );
});

describe('a report of an earlier attempt', () => {
  const second = sendingRow({ attempts: 2, claims: 2 });

  test.each(['SENT', 'FAILED'] as const)('of %s leaves the later one alone, and its provider id too', (status) => {
    expect(receiptChange(second, report({ status, segments: 9 }), settings).set).toEqual({});
  });

  test('of DELIVERED wins: the person has the message, from that provider', () => {
    const row = sentRow({ attempts: 2, claims: 2, provider: 'simulator', providerMessageId: 'SIM2' });
    const { set } = receiptChange(row, report({ status: 'DELIVERED' }), settings);
    expect(set).toMatchObject({ status: 'DELIVERED', provider: 'twilio', providerMessageId: 'SM1' });
  });

  test('that failed does not come back to life with its late "sent"', () => {
    const row = afterAll(sendingRow(), [{ status: 'FAILED', error }, { status: 'SENT' }]);
    expect(row.status).toBe('QUEUED');
  });

  test('that a look-up had not found, and of which "sent" comes, is not sent again', () => {
    const row = messageRow({ attempts: 1, claims: 1, errorKind: 'TIMEOUT' });
    expect(receiptChange(row, report({ status: 'SENT' }), settings).set).toMatchObject({ status: 'SENT', providerMessageId: 'SM1' });
  });
});

describe('reports in any order', () => {
  const statuses = fc.array(fc.constantFrom('SENT' as const, 'DELIVERED' as const, 'READ' as const, 'FAILED' as const), {
    minLength: 1,
    maxLength: 6,
  });
  const start = fc.constantFrom(sendingRow(), sentRow(), sendingRow({ status: 'UNCONFIRMED' }));

  test('however often they come, lead to the same end', () => {
    const mixed = statuses.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray([...given, ...given, ...given], { minLength: 3 * given.length })),
    );
    const made = (given: readonly NonNullable<Receipt['status']>[]): Receipt[] =>
      given.map((status) => receipt({ status, error: status === 'FAILED' ? lasting : null }));
    fc.assert(
      fc.property(start, mixed, (row, [given, shuffled]) => {
        expect(afterAll(row, made(shuffled)).status).toBe(afterAll(row, made(given)).status);
      }),
    );
  });
});
