import { expect, test } from 'vitest';
import { Secret } from '../../../src/config.js';
import { SIGNATURE_HEADER, signatureOf, verifySignature } from '../../../src/delivery/providers/simulator/simulator-signature.js';
import { SECRET } from './start-simulator.js';

const NOW = Date.UTC(2026, 0, 1);
const MINUTES = 60_000;
const call = { url: 'https://messages.example.test/webhooks/simulator/status?m=1&a=1', rawBody: '{"status":"sent"}' };
const signed = (at = NOW, secret = SECRET) => ({ ...call, headers: { [SIGNATURE_HEADER]: signatureOf(secret, call, at) } });
const refused = expect.objectContaining({ code: 'INVALID_SIGNATURE', httpStatus: 403 });

test('a signature holds for its URL and body', () => {
  expect(() => verifySignature([SECRET], signed(), NOW)).not.toThrow();
});

test('its form is t=<unix ms>,v1=<HMAC-SHA256 in hex>', () => {
  expect(signed().headers[SIGNATURE_HEADER]).toMatch(/^t=1767225600000,v1=[0-9a-f]{64}$/);
});

test.each([
  ['another body', { ...signed(), rawBody: '{"status":"delivered"}' }],
  ['another URL', { ...signed(), url: call.url.replace('m=1', 'm=2') }],
  ['another secret', signed(NOW, new Secret('another'))],
  ['another time', { ...call, headers: { [SIGNATURE_HEADER]: signed().headers[SIGNATURE_HEADER]?.replace(`t=${NOW}`, `t=${NOW + 1}`) } }],
  ['no header', { ...call, headers: {} }],
  ['two headers', { ...call, headers: { [SIGNATURE_HEADER]: [signatureOf(SECRET, call, NOW), signatureOf(SECRET, call, NOW)] } }],
  ['a header of another form', { ...call, headers: { [SIGNATURE_HEADER]: 'v1=00' } }],
  ['a signature that is too short', { ...call, headers: { [SIGNATURE_HEADER]: `t=${NOW},v1=00` } }],
])('%s is refused', (_, request) => {
  expect(() => verifySignature([SECRET], request, NOW)).toThrow(refused);
});

test('a signature lasts five minutes', () => {
  expect(() => verifySignature([SECRET], signed(), NOW + 5 * MINUTES)).not.toThrow();
  expect(() => verifySignature([SECRET], signed(), NOW + 5 * MINUTES + 1)).toThrow(refused);
  expect(() => verifySignature([SECRET], signed(NOW + 6 * MINUTES), NOW)).toThrow(refused);
});
