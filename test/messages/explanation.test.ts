import { describe, expect, test } from 'vitest';
import { POLICY_RULES } from '../../src/consent/policy-gate.js';
import { explain, nextAttemptAt } from '../../src/messages/explanation.js';
import type { EventRow } from '../../src/messages/message-event.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { fact, LATER, messageRow, NOW, sendingRow, sentRow } from '../support/builders.js';

const outage = { errorKind: 'PROVIDER_UNAVAILABLE' as const, errorMessage: 'Twilio failed inside.', errorCode: '20500' };
const event = (detail: EventRow['detail'], at: Date): EventRow => ({ ...fact().event, at, detail });
const WAITS = 'Without an answer it becomes UNCONFIRMED.';
const ASKED = 'The provider is asked whether it has the message.';
const NEVER = "twilio was asked to send it and never answered; it is not sent again before the provider's own word decides.";

/** A row, its summary, the next action and when that is. */
const CASES: [string, MessageRow, string, string | null, Date | null][] = [
  ['scheduled', messageRow({ status: 'SCHEDULED', dueAt: LATER }), 'Waits for its time.', 'It is queued.', LATER],
  ['queued', messageRow(), 'Waits for a worker, or for its provider to take messages again.', 'A worker takes it.', NOW],
  [
    'to be tried again',
    messageRow({ attempts: 1, dueAt: LATER, ...outage }),
    'Waits to be tried again after attempt 1 of 3 failed: Twilio failed inside (20500).',
    'It is tried again.',
    LATER,
  ],
  [
    'without a provider',
    messageRow({ ...outage, errorCode: null }),
    'Waits for a provider: Twilio failed inside.',
    'A worker takes it.',
    NOW,
  ],
  ['held by the policy', messageRow({ errorMessage: 'It is off.' }), 'Held back: It is off.', 'A worker takes it.', NOW],
  [
    'held by its batch',
    messageRow({ batchId: 'b', hintAt: null }),
    'Held back: its batch is paused.',
    'It is sent when its batch is resumed.',
    null,
  ],
  ['sending', sendingRow({ leaseUntil: LATER }), 'Is being handed to twilio (attempt 1 of 3).', WAITS, LATER],
  ['unconfirmed', sendingRow({ status: 'UNCONFIRMED', leaseUntil: LATER }), NEVER, ASKED, LATER],
  ['sent', sentRow({ leaseUntil: null }), 'twilio has taken it; no delivery report has come yet.', null, null],
  [
    'sent and polled',
    sentRow({ leaseUntil: LATER }),
    'twilio has taken it; no delivery report has come yet.',
    'The provider is asked for its status.',
    LATER,
  ],
  [
    'sent, with a fallback',
    sentRow({ fallbackAt: LATER, fallbackChannels: ['WHATSAPP'] }),
    'twilio has taken it; no delivery report has come yet.',
    'WHATSAPP takes over unless it is delivered.',
    LATER,
  ],
  ['delivered', sentRow({ status: 'DELIVERED' }), 'Delivered by twilio.', null, null],
  ['read', sentRow({ status: 'READ' }), 'Delivered by twilio, and read.', null, null],
  ['failed', sentRow({ status: 'FAILED', ...outage }), 'Failed for good: Twilio failed inside (20500).', 'A person may retry it.', null],
  ['failed for no reason', sentRow({ status: 'FAILED' }), 'Failed for good: no reason was given.', 'A person may retry it.', null],
  [
    'replaced',
    sentRow({ status: 'FAILED', fallbackId: 'x', ...outage }),
    'Failed: Twilio failed inside (20500). Another channel took over.',
    null,
    null,
  ],
  ['cancelled', messageRow({ status: 'CANCELLED' }), 'Withdrawn before any provider had it.', null, null],
  [
    'cancelled between two tries',
    messageRow({ status: 'CANCELLED', attempts: 1, firstAskedAt: NOW }),
    'Withdrawn before it was tried again.',
    null,
    null,
  ],
  [
    'cancelled after a person retried it',
    messageRow({ status: 'CANCELLED', attempts: 0, firstAskedAt: NOW }),
    'Withdrawn before it was tried again.',
    null,
    null,
  ],
  ['suppressed', messageRow({ status: 'SUPPRESSED' }), 'Held back: it may not be sent to this person.', null, null],
  ['expired', messageRow({ status: 'EXPIRED', expiresAt: NOW }), 'Its validity ended before it could be sent.', null, null],
];

describe('the next attempt at a message', () => {
  const queued = CASES.filter(([, { status }]) => status === 'SCHEDULED' || status === 'QUEUED');
  const limited: (typeof CASES)[number] = ['limited', messageRow({ dueAt: LATER, ...outage }), '', '', LATER];

  test.each([...queued, limited])('that is %s is when the explanation says, where it waits for that', (_what, row, _summary, _next, at) => {
    expect(nextAttemptAt(row, NOW)).toEqual(at === NOW ? null : at);
  });

  test('of a paused batch is at no time, although a provider was asked before', () => {
    expect(nextAttemptAt(messageRow({ attempts: 1, dueAt: LATER, batchId: 'b', hintAt: null }), NOW)).toBeNull();
  });

  test('that is over is none', () => {
    expect(nextAttemptAt(sentRow({ dueAt: LATER }), NOW)).toBeNull();
  });
});

describe('the explanation of a message', () => {
  test.each(CASES)('that is %s', (_what, row, summary, nextAction, nextActionAt) => {
    expect(explain(row, [])).toEqual({ summary, nextAction, nextActionAt, checks: [], routing: [] });
  });

  test.each([null, LATER])('that is a code which nobody ever answered for tells so, with the validity %o', (expiresAt) => {
    const events = [{ ...event(null, NOW), status: 'EXPIRED' as const, previousStatus: 'UNCONFIRMED' as const }];
    expect(explain(sendingRow({ status: 'EXPIRED', expiresAt }), events).summary).toBe(
      'twilio never answered, and the code is of no use by now.',
    );
  });

  test('that is such a code stays so when a late report changes nothing about it', () => {
    const expired = { ...event(null, NOW), status: 'EXPIRED' as const, previousStatus: 'UNCONFIRMED' as const };
    const late = { ...event({ reported: 'sent' }, LATER), applied: false, status: 'EXPIRED' as const, previousStatus: 'EXPIRED' as const };
    expect(explain(sendingRow({ status: 'EXPIRED' }), [expired, late]).summary).toContain('never answered');
  });

  test('lists each rule and each provider that was asked, with its time', () => {
    const check = { rule: 'CONSENT', passed: true, detail: 'Granted.' } as const;
    const step = { provider: 'twilio', channel: 'SMS', chosen: true, reason: 'asked for by the caller' };
    const { checks, routing } = explain(messageRow(), [
      event({ checks: [check] }, NOW),
      event(null, NOW),
      event({ checks: [check], routing: [step] }, LATER),
    ]);
    expect(checks.map(({ rule, at }) => [rule, at])).toEqual([NOW, LATER].flatMap((at) => POLICY_RULES.map((rule) => [rule, at])));
    expect(checks.filter(({ detail }) => detail !== null)).toEqual([
      { ...check, at: NOW },
      { ...check, at: LATER },
    ]);
    expect(checks.every(({ passed }) => passed)).toBe(true);
    expect(routing).toEqual([{ ...step, at: LATER }]);
  });
});
