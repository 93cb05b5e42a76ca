import { describe, expect, test } from 'vitest';
import { CANCELLABLE, ENDED, MESSAGE_STATUSES, movesForward, RETRYABLE, type MessageStatus } from '../../src/messages/message-status.js';

/** What a report of each status moves on. */
const MOVED_BY: Record<MessageStatus, MessageStatus[]> = {
  SCHEDULED: [],
  QUEUED: ['SCHEDULED'],
  SENDING: ['SCHEDULED', 'QUEUED'],
  UNCONFIRMED: ['SCHEDULED', 'QUEUED', 'SENDING'],
  SENT: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED'],
  FAILED: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT'],
  CANCELLED: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT'],
  SUPPRESSED: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT'],
  EXPIRED: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT'],
  DELIVERED: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT', 'FAILED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED'],
  READ: ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT', 'FAILED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED', 'DELIVERED'],
};

const PAIRS = MESSAGE_STATUSES.flatMap((from) => MESSAGE_STATUSES.map((to) => [from, to, MOVED_BY[to].includes(from)] as const));

describe('the order of statuses', () => {
  test('a message can have eleven statuses', () => {
    expect(MESSAGE_STATUSES.toSorted()).toEqual(Object.keys(MOVED_BY).toSorted());
    expect(PAIRS).toHaveLength(121);
  });

  test.each(PAIRS)('%s to %s is forward: %s', (from, to, forward) => {
    expect(movesForward(from, to)).toBe(forward);
  });

  test('what has ended, what can be withdrawn and what can be sent again do not overlap where they must not', () => {
    expect(CANCELLABLE.filter((status) => ENDED.includes(status))).toEqual([]);
    expect(RETRYABLE.filter((status) => !ENDED.includes(status))).toEqual([]);
    expect(MESSAGE_STATUSES.filter((status) => !ENDED.includes(status))).toEqual(['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT']);
  });
});
