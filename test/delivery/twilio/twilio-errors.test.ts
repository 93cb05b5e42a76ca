import { describe, expect, test } from 'vitest';
import { classify } from '../../../src/delivery/providers/twilio/twilio-errors.js';
import type { ErrorKind } from '../../../src/messages/delivery-error.js';

describe('what Twilio’s codes mean', () => {
  test.each<[string, ErrorKind, boolean]>([
    ['21211', 'INVALID_RECIPIENT', false],
    ['21614', 'INVALID_RECIPIENT', false],
    ['30005', 'INVALID_RECIPIENT', false],
    ['30006', 'INVALID_RECIPIENT', false],
    ['63003', 'INVALID_RECIPIENT', false],
    ['63024', 'INVALID_RECIPIENT', false],
    ['21612', 'UNREACHABLE', false],
    ['30003', 'UNREACHABLE', true],
    ['21610', 'OPTED_OUT', false],
    ['63033', 'OPTED_OUT', false],
    ['30004', 'CARRIER_BLOCKED', false],
    ['21617', 'CONTENT_REJECTED', false],
    ['21623', 'CONTENT_REJECTED', false],
    ['30007', 'CONTENT_REJECTED', false],
    ['63013', 'CONTENT_REJECTED', false],
    ['21656', 'TEMPLATE_REJECTED', false],
    ['63028', 'TEMPLATE_REJECTED', false],
    ['63016', 'SESSION_WINDOW_CLOSED', false],
    ['30450', 'POLICY_CAPPED', false],
    ['63032', 'POLICY_CAPPED', false],
    ['14107', 'RATE_LIMITED', true],
    ['20429', 'RATE_LIMITED', true],
    ['30001', 'RATE_LIMITED', true],
    ['30022', 'RATE_LIMITED', true],
    ['63018', 'RATE_LIMITED', true],
    ['30023', 'RATE_LIMITED', false],
    ['20003', 'SENDER_MISCONFIGURED', false],
    ['21408', 'SENDER_MISCONFIGURED', false],
    ['21606', 'SENDER_MISCONFIGURED', false],
    ['21608', 'SENDER_MISCONFIGURED', false],
    ['21609', 'SENDER_MISCONFIGURED', false],
    ['21703', 'SENDER_MISCONFIGURED', false],
    ['30034', 'SENDER_MISCONFIGURED', false],
    ['63007', 'SENDER_MISCONFIGURED', false],
    ['30017', 'PROVIDER_UNAVAILABLE', true],
    ['30410', 'PROVIDER_UNAVAILABLE', true],
    ['63012', 'PROVIDER_UNAVAILABLE', true],
    ['30036', 'TIMEOUT', false],
    ['30010', 'UNKNOWN', false],
    ['20404', 'UNKNOWN', false],
  ])('%s is %s, retryable: %s', (code, kind, retryable) => {
    expect(classify(code)).toMatchObject({ kind, retryable, code });
  });

  test.each(['30008', '30999'])('%s, a failure on the way without a known cause, is worth one more attempt', (code) => {
    expect(classify(code)).toMatchObject({ kind: 'UNKNOWN', retryable: 'once' });
  });

  test.each(['21999', '20422', '63999', '3000'])('%s, a refusal that we do not know, is final', (code) => {
    expect(classify(code)).toMatchObject({ kind: 'UNKNOWN', retryable: false, code });
  });

  test('no code is final', () => {
    expect(classify(null)).toEqual({ kind: 'UNKNOWN', retryable: false, code: null, message: 'Twilio gave no reason.' });
  });
});
