import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomeChange } from '../../src/delivery/outcome.js';
import { receiptChange } from '../../src/delivery/receipt-change.js';
import { chargeKept, chargesOf } from '../../src/messages/message-cost.js';
import type { Receipt } from '../../src/delivery/provider.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { accepted, LATER, messageRow, NOW, outcomeSettings, receipt, report, sendingRow, sentRow } from '../support/builders.js';

const settings = outcomeSettings();
const error = { kind: 'UNREACHABLE' as const, retryable: true, code: '30003', message: 'The phone is off.' };
const lasting = { kind: 'INVALID_RECIPIENT' as const, retryable: false, code: '30005', message: 'No such number.' };
const after = (ms: number): Date => new Date(LATER.getTime() + ms);

/** The row after the reports, in their order. */
const afterAll = (row: MessageRow, receipts: readonly Partial<Receipt>[]): MessageRow =>
  receipts.reduce((now, one) => ({ ...now, ...receiptChange(now, report(one), settings).set }), row);

test.each(['SENT', 'DELIVERED'] as const)(
  'a failure of a %s message that has been erased is known by its code, not by its words',
  (status) => {
    const change = receiptChange(sentRow({ status, sealed: null, maxAttempts: 0 }), report({ status: 'FAILED', error }), settings);
    expect(change.note?.error).toMatchObject({ kind: error.kind, code: error.code });
    expect(JSON.stringify([change.set, change.note])).not.toContain(error.message);
  },
);

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

  test.each([
    ['"not split yet"', sentRow({ segments: 3 }), 0],
    ['what a provider counts of a channel without segments', sentRow({ channel: 'WHATSAPP', segments: null }), 1],
  ])('does not take %s for a count', (_what, row, segments) => {
    expect(receiptChange(row, report({ segments }), settings).set).not.toHaveProperty('segments');
  });
});

describe('a failure', () => {
  test('that may pass queues the message again', () => {
    const { set, note } = receiptChange(sentRow({ fallbackAt: after(9) }), report({ status: 'FAILED', error }), settings);
    expect(set).toMatchObject({ status: 'QUEUED', attempts: 1, dueAt: after(300_000), hintAt: after(300_000), fallbackAt: null });
    expect(set).toMatchObject({ errorKind: 'UNREACHABLE', errorCode: '30003', errorRetryable: true });
    expect(note?.error).toEqual(error);
  });

  test('by a rate limit takes no attempt for a day, and is waited out as an outage, ever longer', () => {
    const limit = { kind: 'RATE_LIMITED' as const, retryable: true, code: '30001', message: 'More was sent than may be.' };
    const of = (row: MessageRow) => receiptChange(row, report({ status: 'FAILED', error: limit, attempt: row.claims }), settings).set;
    expect(of(sentRow({ attempts: 1 }))).toMatchObject({ status: 'QUEUED', attempts: 0, dueAt: after(300_000) });
    expect(of(sentRow({ attempts: 3, claims: 3 }))).toMatchObject({ status: 'QUEUED', attempts: 2, dueAt: after(1_200_000) });
    const queuedAt = new Date(LATER.getTime() - 24 * 3600_000);
    expect(of(sentRow({ attempts: 3, claims: 9, queuedAt }))).toMatchObject({ status: 'FAILED', errorKind: 'RATE_LIMITED' });
  });

  test.each([
    ['the first attempt', { attempts: 1, claims: 1 }, 'QUEUED', true],
    ['the first attempt, after a claim that took none', { attempts: 1, claims: 2 }, 'QUEUED', true],
    ['a later attempt', { attempts: 2, claims: 2 }, 'FAILED', false],
  ] as const)('that is worth one more attempt gets it after %s', (_what, tried, status, errorRetryable) => {
    const unclear = { kind: 'UNKNOWN' as const, retryable: 'once' as const, code: '30008', message: 'No reason.' };
    const { set } = receiptChange(sentRow(tried), report({ status: 'FAILED', error: unclear, attempt: tried.claims }), settings);
    expect(set).toMatchObject({ status, errorRetryable });
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

  test('that tells what is known already leaves the message with the later one', () => {
    const row = sentRow({ status: 'DELIVERED', deliveredAt: NOW, claims: 2, provider: 'simulator', providerMessageId: 'SIM2' });
    const { set } = receiptChange(row, report({ status: 'DELIVERED', attempt: 1, providerMessageId: 'SM1' }), settings);
    expect(set).not.toHaveProperty('provider');
    expect(set).not.toHaveProperty('providerMessageId');
  });

  test('adds its cost to that of the later one, once', () => {
    const cost = { amount: '0.0083', currency: 'USD' };
    const row = afterAll(sendingRow({ attempts: 2, claims: 2 }), [
      { status: 'DELIVERED', cost },
      { status: 'DELIVERED', cost },
      { status: 'READ', cost },
      { status: 'READ', cost, attempt: 2 },
    ]);
    expect([row.costAmount, row.earlierCharges]).toEqual([null, [{ providerMessageId: 'SM1', ...cost }]]);
    expect(afterAll(row, [{ status: 'READ', cost, attempt: 2, providerMessageId: 'SM2' }]).costAmount).toBe('0.0083');
  });

  test('that a look-up told the cost of meanwhile costs nothing more', () => {
    const cost = { amount: '0.0083', currency: 'USD' };
    const row = afterAll(second, [{ status: 'DELIVERED' }, { status: 'DELIVERED', attempt: 2, cost }, { status: 'READ', cost }]);
    expect([row.status, row.costAmount, row.earlierCharges]).toEqual(['READ', '0.0083', null]);
  });

  test.each(['FAILED', 'SENT'] as const)('that failed and waits for its next try is charged what its late %s tells, once', (status) => {
    const cost = { amount: '0.0083', currency: 'USD' };
    const told = { status, error: status === 'FAILED' ? error : null, cost };
    const row = afterAll(sentRow(), [{ status: 'FAILED', error }, told, { ...told, attempt: null }]);
    expect([row.status, row.dueAt, chargesOf(row)]).toEqual(['QUEUED', after(300_000), [cost]]);
  });

  test('that was charged already when the next was made costs nothing more', () => {
    const earlierCharges = [{ providerMessageId: 'SM1', amount: '0.0083', currency: 'USD' }];
    const row = afterAll({ ...second, earlierCharges }, [{ status: 'DELIVERED', cost: { amount: '0.0083', currency: 'USD' } }]);
    expect([row.status, row.costAmount, row.earlierCharges]).toEqual(['DELIVERED', null, earlierCharges]);
  });

  test('that failed does not come back to life with its late "sent"', () => {
    const row = afterAll(sendingRow(), [{ status: 'FAILED', error }, { status: 'SENT' }]);
    expect(row.status).toBe('QUEUED');
    // Quiet hours have put it off.
    expect(receiptChange({ ...row, status: 'SCHEDULED' }, report({ status: 'SENT' }), settings).set).toEqual({});
  });

  test('that a look-up had not found, and of which "sent" comes, is not sent again', () => {
    const row = messageRow({ attempts: 1, claims: 1, errorKind: 'TIMEOUT' });
    expect(receiptChange(row, report({ status: 'SENT' }), settings).set).toMatchObject({ status: 'SENT', providerMessageId: 'SM1' });
  });
});

describe('what several calls are charged', () => {
  const price = (call: number): string => `0.00${2 ** call}`;
  const cost = (call: number) => ({ amount: price(call), currency: 'USD' });
  const WHATS = ['claim', 'answer', 'look-up', 'DELIVERED', 'READ', 'FAILED', 'SENT'] as const;
  const step = fc.record({
    what: fc.constantFrom(...WHATS),
    call: fc.integer({ min: 1, max: 3 }),
    isPriced: fc.boolean(),
    mayPass: fc.boolean(),
  });
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** What is sent again is what was not delivered. */
  function afterStep(row: MessageRow, { what, call, isPriced, mayPass }: Step): MessageRow {
    const { claims, status, providerMessageId } = row;
    if (what === 'claim') {
      if (status !== 'QUEUED' && status !== 'FAILED') return row;
      return { ...row, ...chargeKept(row), status: 'SENDING', providerMessageId: null, claims: claims + 1 };
    }
    const isLookUp = what === 'look-up';
    const asked = isLookUp ? Number(providerMessageId?.slice(2) ?? claims) : call;
    if (asked > claims || asked === 0) return row;
    // A look-up asks by the id that the row has, for the call that it takes it for.
    const told = { providerMessageId: `SM${asked}`, attempt: isLookUp ? claims : asked, ...(isPriced ? { cost: cost(asked) } : {}) };
    if (what === 'answer') return { ...row, ...outcomeChange(row, { ...accepted(row, told), claims: asked }, settings).set };
    const failure = mayPass ? error : lasting;
    const one = report({ ...told, status: isLookUp ? null : what, error: what === 'FAILED' ? failure : null });
    return { ...row, ...receiptChange(row, one, settings).set };
  }
  const chargedAfter = (steps: readonly Step[]): string[] =>
    chargesOf(steps.reduce(afterStep, messageRow()))
      .map(({ amount }) => amount)
      .toSorted();

  test('is all counted where each answer and report tells it, in whatever order they come', () => {
    const priced = step.filter(({ what }) => what !== 'look-up').map((one) => ({ ...one, isPriced: true }));
    fc.assert(
      fc.property(fc.array(priced, { maxLength: 25 }), (steps) => {
        const told = new Set<number>();
        steps.reduce((row, one) => {
          const isHeard = one.call === row.claims || one.what === 'DELIVERED' || one.what === 'READ';
          if (one.what !== 'claim' && one.call <= row.claims && isHeard) told.add(one.call);
          return afterStep(row, one);
        }, messageRow());
        expect(chargedAfter(steps)).toEqual([...told].map(price).toSorted());
      }),
      { numRuns: 2_000 },
    );
  });

  test('is never counted twice, whoever tells it and when', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const charged = chargedAfter(steps);
        expect(charged).toEqual([...new Set(charged)]);
      }),
      { numRuns: 5_000 },
    );
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
