import { describe, expect, test } from 'vitest';
import { verifiedForm } from '../../../src/delivery/providers/twilio/twilio-signature.js';
import { TwilioServer } from '../../support/twilio-server.js';

const TOKEN = 'fake_auth_token_for_tests';
const SID = `SM${'1'.padStart(32, '0')}`;
const HASH = '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862';

interface Signed {
  token: string;
  url: string;
  rawBody: string;
  signature: string;
}
const DOCUMENTED: Signed = {
  token: '12345',
  url: 'https://example.com/myapp.php?foo=1&bar=2',
  rawBody: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212',
  signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=',
};
const STATUS: Signed = {
  token: TOKEN,
  url: 'https://hooks.example.test/v1/twilio/status?m=01J9ZK',
  rawBody:
    `AccountSid=AC${'1'.padStart(32, '0')}&ApiVersion=2010-04-01&From=%2B15005550006&MessageSid=${SID}` +
    `&MessageStatus=delivered&RawDlrDoneDate=2611201215&SmsSid=${SID}&SmsStatus=delivered&To=%2B966500000001`,
  signature: 'qH3J98aZ6OHVrCbg9UzA9otyGRo=',
};
const JSON_BODY: Signed = {
  token: TOKEN,
  url: `https://hooks.example.test/v1/twilio/json?bodySHA256=${HASH}`,
  rawBody: '{"a":1}',
  signature: '7ONh/lj8HJqu+q9PWtnDZ1utdT8=',
};

const verify = ({ token, url, rawBody, signature }: Signed) =>
  verifiedForm(token, { url, rawBody, headers: { 'x-twilio-signature': signature } });
const refused = expect.objectContaining({ code: 'INVALID_SIGNATURE', httpStatus: 403 });

describe('the signature of Twilio', () => {
  test.each([
    ['from Twilio’s page', DOCUMENTED],
    ['over a status callback', STATUS],
    ['over a body that is no form', JSON_BODY],
  ])('%s is right', (_, signed) => {
    expect(() => verify(signed)).not.toThrow();
  });

  test.each<[string, Signed]>([
    ['another token', { ...STATUS, token: '12345' }],
    ['another address', { ...STATUS, url: `${STATUS.url}X` }],
    ['another host', { ...STATUS, url: STATUS.url.replace('hooks', 'hook') }],
    ['another body', { ...STATUS, rawBody: STATUS.rawBody.replace('=delivered', '=failed') }],
    ['a parameter more', { ...STATUS, rawBody: `${STATUS.rawBody}&ErrorCode=30005` }],
    ['a JSON body that does not fit its hash', { ...JSON_BODY, rawBody: '{"a":2}' }],
    ['a hash that was put on later', { ...STATUS, url: `${STATUS.url}&bodySHA256=${HASH}`, rawBody: '{"a":1}' }],
    ['an empty signature', { ...STATUS, signature: '' }],
    ['a short signature', { ...STATUS, signature: 'qH3J' }],
    ['an address that is none', { ...STATUS, url: '/v1/twilio/status' }],
  ])('%s is refused', (_, signed) => {
    expect(() => verify(signed)).toThrow(refused);
  });

  test('a missing or doubled header is refused', () => {
    const { url, rawBody, signature } = STATUS;
    expect(() => verifiedForm(TOKEN, { url, rawBody, headers: {} })).toThrow(refused);
    expect(() => verifiedForm(TOKEN, { url, rawBody, headers: { 'x-twilio-signature': [signature, signature] } })).toThrow(refused);
  });

  test('a parameter given twice, spaces and a name like __proto__ are signed as they are', () => {
    const form = new URLSearchParams([
      ['b', ' two '],
      ['a', 'z'],
      ['b', 'one'],
      ['b', 'one'],
      ['__proto__', 'x'],
    ]);
    const request = new TwilioServer('AC1', TOKEN).sign('https://hooks.example.test/x', form);
    expect([...verifiedForm(TOKEN, request)]).toEqual([...form]);
  });

  test('counts on a form of up to 300 parameters, and on none with more', () => {
    const signed = (parameters: number) => {
      const form = new URLSearchParams(Array.from({ length: parameters }, (_, index): [string, string] => [`MediaUrl${index}`, 'x']));
      return new TwilioServer('AC1', TOKEN).sign('https://hooks.example.test/x', form);
    };
    expect(verifiedForm(TOKEN, signed(300)).size).toBe(300);
    expect(() => verifiedForm(TOKEN, signed(301))).toThrow(refused);
  });
});
