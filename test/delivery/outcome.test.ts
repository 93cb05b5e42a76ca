import { describe, expect, test } from 'vitest';
import { outcomeChange, type Outcome } from '../../src/delivery/outcome.js';
import { retryOf } from '../../src/messages/message-retry.js';
import { accepted, failed, LATER, messageRow, outcomeSettings, providerError, returned, sendingRow, sentRow } from '../support/builders.js';

const settings = outcomeSettings();
const DAY_BEFORE = new Date(LATER.getTime() - 24 * 3600_000);
const after = (ms: number): Date => new Date(LATER.getTime() + ms);

describe('an accepted message', () => {
  test('is SENT, with the provider’s id, segments and cost, and is asked about if no receipt comes', () => {
    const row = sendingRow({ errorKind: 'PROVIDER_UNAVAILABLE', errorMessage: 'It failed.', errorRetryable: true });
    const { set, note } = outcomeChange(row, accepted(row, { segments: 2, cost: { amount: '0.0083', currency: 'USD' } }), settings);
    expect(set).toEqual({
      status: 'SENT',
      sentAt: LATER,
      leaseUntil: after(5 * 60_000),
      hintAt: null,
      fallbackAt: null,
      providerMessageId: 'SM1',
      providerMs: 80,
      segments: 2,
      costAmount: '0.0083',
      costCurrency: 'USD',
      errorKind: null,
      errorCode: null,
      errorMessage: null,
      errorRetryable: null,
    });
    expect(note).toEqual({ source: 'WORKER', at: LATER, attempt: 1, provider: 'twilio' });
  });

  test('keeps the segments counted before, where the provider does not count', () => {
    const row = sendingRow({ segments: 3 });
    expect(outcomeChange(row, accepted(row), settings).set).toMatchObject({ segments: 3, costAmount: null });
  });

  test('has no segments on a channel that has none, whatever the provider counts', () => {
    const row = sendingRow({ channel: 'WHATSAPP', segments: null });
    expect(outcomeChange(row, accepted(row, { segments: 1 }), settings).set).not.toMatchObject({ segments: 1 });
  });

  test('hands over to the next channel after the time that the caller gave', () => {
    const row = sendingRow({ fallbackChannels: ['WHATSAPP'], fallbackAfterSeconds: 90 });
    expect(outcomeChange(row, accepted(row), settings).set.fallbackAt).toEqual(after(90_000));
  });

  test('that a person retries has its whole time for the fallback again', () => {
    const given = { fallbackChannels: ['WHATSAPP' as const], fallbackAfterSeconds: 90, fallbackAt: after(1_000) };
    const gone = sendingRow({ ...given, status: 'EXPIRED' });
    const again = { ...gone, ...retryOf(gone, LATER, { name: 'Somebody' }).set, status: 'SENDING' as const, attempts: 1 };
    expect(outcomeChange(again, accepted(again), settings).set.fallbackAt).toEqual(after(90_000));
  });

  test.each(['SENT', 'DELIVERED', 'READ', 'FAILED'] as const)('whose receipt was faster stays %s and gets its id', (status) => {
    const row = sendingRow({ status, sentAt: LATER, leaseUntil: LATER });
    expect(outcomeChange(row, accepted(row), settings)).toEqual({
      row,
      set: { providerMessageId: 'SM1', providerMs: 80, segments: 1, costAmount: null, costCurrency: null },
      note: null,
    });
  });

  test('whose earlier call was reported meanwhile names its own record, and tells that there is another one', () => {
    const row = sendingRow({ status: 'DELIVERED', provider: 'simulator', providerMessageId: 'SIM1', claims: 1 });
    const { set, note } = outcomeChange(row, accepted(row), settings);
    expect(set).toMatchObject({ provider: 'twilio', providerMessageId: 'SM1' });
    expect([set.status, note?.provider]).toEqual([undefined, 'twilio']);
  });

  test('whose report of a failure was faster waits for its next try, and is not SENT again by the answer to this one', () => {
    const row = sendingRow({ status: 'QUEUED', providerMessageId: 'SM1', dueAt: LATER, hintAt: LATER });
    const { set, note } = outcomeChange(row, accepted(row), settings);
    expect(set).toEqual({ providerMessageId: 'SM1', providerMs: 80, segments: 1, costAmount: null, costCurrency: null });
    expect(note).toBeNull();
  });

  test.each(['UNCONFIRMED', 'QUEUED'] as const)('whose worker was taken for dead is SENT after all, not sent again (%s)', (status) => {
    const row = sendingRow({ status });
    expect(outcomeChange(row, accepted(row), settings).set.status).toBe('SENT');
  });
});

describe('the answer to an earlier claim', () => {
  test.each([
    ['accepted', accepted],
    ['failed', (row: Parameters<typeof accepted>[0]) => failed(row, providerError())],
    ['returned', returned],
  ] as const)('is told and changes nothing (%s)', (kind, make) => {
    const row = sendingRow({ claims: 2, attempts: 2 });
    const otherRecord = kind === 'accepted' ? { otherRecord: { provider: 'twilio', providerMessageId: 'SM1' } } : {};
    const { set, note } = outcomeChange(row, make(row), settings);
    expect([set, note?.detail]).toEqual([{}, { note: `answer to an earlier claim: ${kind}`, ...otherRecord }]);
  });
});

describe('a message whose provider was not asked', () => {
  test('goes back at once, without an attempt taken', () => {
    const row = sendingRow({ attempts: 2 });
    expect(outcomeChange(row, returned(row), settings).set).toMatchObject({ status: 'QUEUED', attempts: 1, dueAt: LATER, hintAt: LATER });
  });

  test('has the provider and the times of the call before, and none where there was no call', () => {
    const row = sendingRow({ provider: 'simulator', firstAskedAt: new Date(0), askedAt: new Date(2_000) });
    const before = { provider: 'twilio', firstAskedAt: new Date(0), askedAt: new Date(1_000) };
    const { set } = outcomeChange(row, returned(row, before), settings);
    expect(set).toMatchObject(before);
    expect(outcomeChange(row, returned(row), settings).set).toMatchObject({ provider: null, firstAskedAt: null, askedAt: null });
  });
});

describe('a refused message', () => {
  test('waits and is tried again when the fault may pass', () => {
    const row = sendingRow();
    const { set, note } = outcomeChange(row, failed(row, providerError('PROVIDER_UNAVAILABLE', { code: '20503' })), settings);
    expect(set).toMatchObject({ status: 'QUEUED', attempts: 1, dueAt: after(300_000), hintAt: after(300_000), leaseUntil: null });
    expect(set).toMatchObject({ errorKind: 'PROVIDER_UNAVAILABLE', errorCode: '20503', errorMessage: 'It failed.', errorRetryable: true });
    expect(note?.error).toEqual({ kind: 'PROVIDER_UNAVAILABLE', code: '20503', message: 'It failed.', retryable: true });
  });

  test('goes to another provider at once after an outage', () => {
    const row = sendingRow();
    const change = outcomeChange(row, failed(row, providerError()), outcomeSettings({ hasAlternative: () => true }));
    expect(change.set.dueAt).toEqual(after(500));
  });

  test('has failed for good when the fault lasts', () => {
    const row = sendingRow();
    const { set } = outcomeChange(row, failed(row, providerError('INVALID_RECIPIENT', { retryable: false })), settings);
    expect(set).toMatchObject({ status: 'FAILED', failedAt: LATER, hintAt: null, leaseUntil: null, errorKind: 'INVALID_RECIPIENT' });
  });

  test.each([
    [{ attempts: 1, claims: 1 }, 'QUEUED'],
    [{ attempts: 1, claims: 2 }, 'QUEUED'],
    [{ attempts: 2, claims: 2 }, 'FAILED'],
  ])('that is worth one more attempt is %o: %s', (tried, status) => {
    const row = sendingRow(tried);
    const change = outcomeChange(row, { ...failed(row, providerError('UNKNOWN', { retryable: 'once' })), claims: tried.claims }, settings);
    expect(change.set).toMatchObject({ status, errorRetryable: status === 'QUEUED' });
  });

  test.each([
    [2, 'QUEUED'],
    [3, 'FAILED'],
    [4, 'FAILED'],
  ])('has been tried enough after 3 attempts (%i: %s)', (attempts, status) => {
    const row = sendingRow({ attempts });
    expect(outcomeChange(row, failed(row, providerError('UNREACHABLE')), settings).set.status).toBe(status);
  });

  test('waits by its attempts, however often it was claimed and given back', () => {
    const row = sendingRow({ attempts: 1, claims: 3 });
    const { set } = outcomeChange(row, { ...failed(row, providerError()), claims: 3 }, settings);
    expect(set.dueAt).toEqual(after(300_000));
  });

  test('has the time that the provider took to answer, and no time for the next channel', () => {
    const row = sendingRow({ fallbackAt: LATER });
    expect(outcomeChange(row, failed(row, providerError()), settings).set).toMatchObject({ providerMs: 80, fallbackAt: null });
  });

  test('shows no number that the provider’s text holds', () => {
    const row = sendingRow();
    const { set, note } = outcomeChange(row, failed(row, providerError('INVALID_RECIPIENT', {}, 'No such number: +14155550100')), settings);
    expect(JSON.stringify([set, note])).not.toContain('4155550100');
  });
});

describe('a rate limit', () => {
  test('takes no attempt, whatever number it is', () => {
    const row = sendingRow({ attempts: 3 });
    const { set } = outcomeChange(row, failed(row, providerError('RATE_LIMITED', { retryAfterSeconds: 7 })), settings);
    expect(set).toMatchObject({ status: 'QUEUED', attempts: 2, dueAt: after(7_000) });
  });

  test('counts as a retry although it takes no attempt, which otherwise tells', () => {
    const row = sendingRow({ attempts: 2 });
    const retriedAfter = (outcome: Outcome) => outcomeChange(row, outcome, settings).set.retriedAt;
    expect(retriedAfter(failed(row, providerError('RATE_LIMITED')))).toEqual(LATER);
    expect([failed(row, providerError('UNREACHABLE')), returned(row)].map(retriedAfter)).toEqual([undefined, undefined]);
  });

  test.each([
    ['UTILITY', [5, 10, 20, 40, 80, 120, 120]],
    ['AUTHENTICATION', [5, 10, 20, 30, 30, 30, 30]],
  ] as const)('that is met again and again is waited out ever longer, but not for hours (%s)', (category, waits) => {
    let row = sendingRow({ category });
    const met = waits.map(() => {
      const { set } = outcomeChange(row, { ...failed(row, providerError('RATE_LIMITED')), claims: row.claims }, settings);
      row = { ...row, ...set, status: 'SENDING', attempts: 1, claims: row.claims + 1 };
      return ((set.dueAt?.getTime() ?? 0) - LATER.getTime()) / 1000;
    });
    expect(met).toEqual(waits);
  });

  test('is an attempt like any other a day after the first call', () => {
    const row = sendingRow({ attempts: 3, queuedAt: DAY_BEFORE, firstAskedAt: DAY_BEFORE });
    expect(outcomeChange(row, failed(row, providerError('RATE_LIMITED')), settings).set.status).toBe('FAILED');
  });

  test.each([
    ['was first sent after days in a paused batch', { queuedAt: DAY_BEFORE, firstAskedAt: LATER }],
    ['is retried days after it was first sent', { queuedAt: LATER, firstAskedAt: DAY_BEFORE }],
  ])('takes no attempt from a message that %s', (_what, since) => {
    const row = sendingRow({ ...since, createdAt: DAY_BEFORE, attempts: 3 });
    expect(outcomeChange(row, failed(row, providerError('RATE_LIMITED')), settings).set).toMatchObject({ status: 'QUEUED', attempts: 2 });
  });
});

describe('a message that another one stands in for by now', () => {
  const row = sendingRow({ status: 'UNCONFIRMED', fallbackId: 'another' });

  test.each([
    ['was refused', failed(row, providerError('UNREACHABLE'))],
    ['met a rate limit', failed(row, providerError('RATE_LIMITED'))],
    ['was never sent', returned(row)],
  ])('has failed where it %s, and does not go out beside it', (_what, outcome) => {
    expect(outcomeChange(row, outcome, settings).set).toMatchObject({ status: 'FAILED', failedAt: LATER, hintAt: null, leaseUntil: null });
  });

  test('and was never sent says so, as what may be tried again', () => {
    const error = { kind: 'TIMEOUT', retryable: true, code: null, message: 'The worker did not come to send this message.' };
    const { set, note } = outcomeChange(row, returned(row), settings);
    expect(note?.error).toEqual(error);
    expect(set).toMatchObject({ errorKind: 'TIMEOUT', errorRetryable: true, errorCode: null, errorMessage: error.message });
  });
});

describe('an unanswered call', () => {
  const unanswered = providerError('TIMEOUT', { answered: false, code: 'TIMEOUT' });

  test.each(['SENDING', 'UNCONFIRMED'] as const)('is UNCONFIRMED until a receipt or look-up decides, never sent again (%s)', (status) => {
    const row = sendingRow({ status });
    const { set } = outcomeChange(row, failed(row, unanswered), settings);
    expect(set).toMatchObject({
      status: 'UNCONFIRMED',
      leaseUntil: after(60_000),
      hintAt: null,
      errorKind: 'TIMEOUT',
      errorCode: 'TIMEOUT',
    });
    for (const column of ['dueAt', 'providerMs']) expect(set).not.toHaveProperty(column);
  });

  test('is UNCONFIRMED also at the last attempt', () => {
    const row = sendingRow({ attempts: 3 });
    expect(outcomeChange(row, failed(row, unanswered), settings).set.status).toBe('UNCONFIRMED');
  });

  test('lets the next channel take over in the time that the caller gave', () => {
    const row = sendingRow({ fallbackChannels: ['SMS'], fallbackAfterSeconds: 90 });
    expect(outcomeChange(row, failed(row, unanswered), settings).set.fallbackAt).toEqual(after(90_000));
  });

  test.each([
    ['unanswered', unanswered],
    ['refused', providerError('UNREACHABLE')],
  ])('says nothing once a receipt has come (%s)', (_what, error) => {
    for (const row of [sentRow(), sentRow({ status: 'DELIVERED' }), sentRow({ status: 'FAILED' }), messageRow({ claims: 1 })])
      expect(outcomeChange(row, failed(row, error), settings)).toEqual({ row, set: {}, note: null });
  });
});
