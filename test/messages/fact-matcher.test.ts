import { describe, expect, test } from 'vitest';
import { factMatcher } from '../../src/messages/fact-matcher.js';
import type { MessageFilter } from '../../src/messages/message.queries.js';
import { fact } from '../support/builders.js';

const HASH = '00112233445566778899aabbccddeeff';
const AT = new Date('2026-03-01T12:00:00.000Z');

const one = fact(
  { messageId: 'm1', status: 'FAILED', provider: 'twilio', errorKind: 'UNREACHABLE' },
  {
    channel: 'WHATSAPP',
    category: 'MARKETING',
    topic: 'offers',
    toHash: HASH,
    batchId: 'b1',
    reference: 'r1',
    templateCode: 't1',
    createdAt: AT.toISOString(),
  },
);
const bare = fact({ messageId: 'm2' });

const matches = (filter: MessageFilter, of = one): boolean => factMatcher(null, filter)(of);

/** A filter that the change fits, and one that it does not. */
const FILTERS: [MessageFilter, MessageFilter][] = [
  [{ status: ['SENT', 'FAILED'] }, { status: ['SENT'] }],
  [{ channel: ['WHATSAPP'] }, { channel: ['SMS'] }],
  [{ category: ['MARKETING'] }, { category: ['UTILITY', 'SERVICE'] }],
  [{ provider: ['simulator', 'twilio'] }, { provider: ['simulator'] }],
  [{ errorKind: ['UNREACHABLE'] }, { errorKind: ['TIMEOUT'] }],
  [{ toHashes: [Buffer.alloc(16), Buffer.from(HASH, 'hex')] }, { toHashes: [Buffer.alloc(16)] }],
  [{ topic: 'offers' }, { topic: 'offer' }],
  [{ reference: 'r1' }, { reference: 'r2' }],
  [{ batchId: 'b1' }, { batchId: 'b2' }],
  [{ templateCode: 't1' }, { templateCode: 't2' }],
  [{ createdAfter: new Date(AT.getTime() - 1) }, { createdAfter: AT }],
  [{ createdBefore: new Date(AT.getTime() + 1) }, { createdBefore: AT }],
];

describe('a filter of live changes', () => {
  test.each(FILTERS)('%o fits, %o does not', (fitting, other) => {
    expect([matches(fitting), matches(other)]).toEqual([true, false]);
  });

  test.each(FILTERS.slice(3, 10).filter(([filter]) => !filter.toHashes))('%o fits no change without that', (filter) => {
    expect(matches(filter, bare)).toBe(false);
  });

  test('that says nothing, or null, lets everything through', () => {
    expect(matches({})).toBe(true);
    expect(matches({ status: null, topic: null, batchId: null, toHashes: null, createdAfter: null })).toBe(true);
  });

  test('with an empty list lets nothing through', () => {
    expect([matches({ status: [] }), factMatcher([], {})(one)]).toEqual([false, false]);
  });

  test('must fit in every part', () => {
    expect(matches({ channel: ['WHATSAPP'], topic: 'other' })).toBe(false);
  });

  test('looks at the named messages only', () => {
    expect([one, bare].map(factMatcher(['m2', 'm3'], {}))).toEqual([false, true]);
  });
});
