import { expect, test } from 'vitest';
import { hintsFor } from '../../src/messages/accept-messages.js';
import { laneOf, type Lane } from '../../src/messages/lane.js';
import { messageRow } from '../support/builders.js';

test.each([
  ['AUTHENTICATION', false, 'otp'],
  ['AUTHENTICATION', true, 'otp'],
  ['UTILITY', false, 'transactional'],
  ['UTILITY', true, 'bulk'],
  ['SERVICE', false, 'transactional'],
  ['MARKETING', false, 'bulk'],
] as const)('%s, in a batch: %s, goes by the lane %s', (category, inBatch, lane) => {
  expect(laneOf(category, inBatch)).toBe(lane);
});

const rows = (count: number, tenantId: string, lane: Lane) =>
  Array.from({ length: count }, (_, i) => messageRow({ id: `${tenantId}${lane}${i}`, tenantId, lane }));

test('jobs hold messages of one tenant, lane and channel, in their order', () => {
  const [a, b, c] = [rows(2, 'a', 'otp'), rows(1, 'a', 'bulk'), rows(1, 'b', 'otp')];
  expect(hintsFor([...a, ...b, ...c])).toEqual([
    { tenantId: 'a', lane: 'otp', channel: 'SMS', messageIds: ['aotp0', 'aotp1'] },
    { tenantId: 'a', lane: 'bulk', channel: 'SMS', messageIds: ['abulk0'] },
    { tenantId: 'b', lane: 'otp', channel: 'SMS', messageIds: ['botp0'] },
  ]);
});

test('a message that asks for a provider by name has jobs without a channel', () => {
  const [named, whatsapp] = [messageRow({ requestedProvider: 'twilio' }), messageRow({ channel: 'WHATSAPP' })];
  expect(hintsFor([named, messageRow(), whatsapp]).map(({ channel }) => channel)).toEqual([undefined, 'SMS', 'WHATSAPP']);
});

test.each([
  ['otp', 20],
  ['transactional', 100],
  ['bulk', 200],
] as const)('jobs of the lane %s hold at most %i', (lane, most) => {
  const sizes = hintsFor(rows(2 * most + 1, 'a', lane)).map(({ messageIds }) => messageIds.length);
  expect(sizes).toEqual([most, most, 1]);
});

test('nothing to do is no job', () => {
  expect(hintsFor([])).toEqual([]);
});
