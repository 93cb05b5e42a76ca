import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePhoneNumber } from '../../../src/contacts/phone-number.js';
import { outbound, patience } from '../../support/provider-conformance.js';
import type { ReceiptOptions } from '../../support/twilio-server.js';
import { PUBLIC_URL, type StartedTwilio, startTwilio } from './start-twilio.js';

let twilio: StartedTwilio;
beforeAll(async () => void (twilio = await startTwilio()));
afterAll(() => twilio.close());

describe('status callbacks of Twilio', () => {
  const sent = async (attempt = 1) => {
    const message = outbound({ attempt });
    await twilio.provider.send(message, patience());
    return message.id;
  };
  const read = (id: string, status: string, options?: ReceiptOptions) =>
    twilio.provider.webhooks.receipts(twilio.server.receipt(id, status, options))[0];

  test('a receipt says all that Twilio tells', async () => {
    const id = await sent(2);
    expect(read(id, 'delivered', { token: 'token-1', extra: { RawDlrDoneDate: '2611201215' } })).toEqual({
      messageId: id,
      attempt: 2,
      providerMessageId: twilio.server.message(id).sid,
      status: 'DELIVERED',
      providerStatus: 'delivered',
      error: null,
      segments: null,
      cost: null,
      dedupeKey: 'token-1',
    });
  });

  test.each([
    ['queued', null],
    ['accepted', null],
    ['scheduled', null],
    ['sending', null],
    ['sent', 'SENT'],
    ['partially_delivered', 'SENT'],
    ['delivered', 'DELIVERED'],
    ['read', 'READ'],
    ['received', null],
    ['teleported', null],
    ['constructor', null],
  ])('"%s" means %s', async (word, status) => {
    expect(read(await sent(), word)).toMatchObject({ status, providerStatus: word, error: null });
  });

  test.each([
    ['undelivered', 30005, { kind: 'INVALID_RECIPIENT', retryable: false, code: '30005' }],
    ['failed', 63016, { kind: 'SESSION_WINDOW_CLOSED', retryable: false, code: '63016' }],
    ['failed', undefined, { kind: 'UNKNOWN', retryable: false, code: null }],
    ['canceled', undefined, { kind: 'UNKNOWN', retryable: false, message: 'It was cancelled at Twilio.' }],
  ])('"%s" with %s is a failure with a reason', async (word, errorCode, error) => {
    expect(read(await sent(), word, { errorCode })).toMatchObject({ status: 'FAILED', error });
  });

  test('a failure without a known cause is worth one more attempt', async () => {
    expect(read(await sent(2), 'undelivered', { errorCode: 30008 })?.error?.retryable).toBe('once');
  });

  test('without Twilio’s token a report is known by sid, status and code', async () => {
    const id = await sent();
    const { sid } = twilio.server.message(id);
    expect(read(id, 'delivered', { token: null })?.dedupeKey).toBe(`${sid}:delivered:`);
    expect(read(id, 'failed', { token: null, errorCode: 30003 })?.dedupeKey).toBe(`${sid}:failed:30003`);
  });

  test.each(['', '?m=1&a=0', '?m=0190f1a0-0000-7000-8000-00000000000&a=1.5', "?m='; drop table messages&a=-1"])(
    'an id or attempt that is none ("%s") is left out',
    (query) => {
      const form = new URLSearchParams({ MessageSid: 'SM1', MessageStatus: 'sent' });
      const request = twilio.server.sign(`${PUBLIC_URL}/webhooks/twilio/status${query}`, form);
      expect(twilio.provider.webhooks.receipts(request)).toMatchObject([{ messageId: null, attempt: null, providerMessageId: 'SM1' }]);
    },
  );

  test('a signed request that reports on no message is no receipt', () => {
    const request = twilio.server.sign(`${PUBLIC_URL}/webhooks/twilio/status`, new URLSearchParams({ AccountSid: 'AC1' }));
    expect(twilio.provider.webhooks.receipts(request)).toEqual([]);
  });
});

describe('messages from people', () => {
  const url = `${PUBLIC_URL}/webhooks/twilio/incoming`;
  const read = (from: string, to: string, body: string, mediaUrls?: string[]) =>
    twilio.provider.webhooks.incoming(twilio.server.incoming({ url, from, to, body, mediaUrls }));

  test('an SMS', () => {
    expect(read('+966500000001', '+15005550006', 'نعم')).toEqual([
      {
        channel: 'SMS',
        from: '+966500000001',
        to: '+15005550006',
        body: 'نعم',
        mediaUrls: [],
        providerMessageId: expect.stringMatching(/^SM/),
        optOutType: null,
        profileName: null,
      },
    ]);
  });

  test('a WhatsApp message with pictures only', () => {
    const mediaUrls = ['https://api.twilio.com/1', 'https://api.twilio.com/2'];
    expect(read('whatsapp:+966500000001', 'whatsapp:+15551230000', '', mediaUrls)).toMatchObject([
      { channel: 'WHATSAPP', from: '+966500000001', to: '+15551230000', body: null, mediaUrls },
    ]);
  });

  test('a WhatsApp user without a number keeps the id', () => {
    expect(read('whatsapp:SA.13491208655302741918', 'whatsapp:+15551230000', 'Hi')).toMatchObject([{ from: 'SA.13491208655302741918' }]);
  });

  test.each([
    ['+5215512345678', '+525512345678'],
    ['+551187654321', '+5511987654321'],
    ['+555167654321', '+5551967654321'],
  ])('by WhatsApp from %s are from %s, the number that a send goes to', (from, expected) => {
    expect(read(`whatsapp:${from}`, 'whatsapp:+15551230000', 'Hi')).toMatchObject([{ channel: 'WHATSAPP', from: expected }]);
    expect(parsePhoneNumber(expected, { channel: 'WHATSAPP' }).e164).toBe(expected);
  });

  test.each([
    ['a Mexican number as it is dialled', '+525512345678'],
    ['a Mexican number with a digit too few', '+521551234567'],
    ['a Brazilian mobile number with its ninth digit', '+5511987654321'],
    ['a Brazilian landline', '+551132654321'],
    ['a Brazilian number that is valid as it is', '+551178654321'],
    ['a Brazilian number of no region', '+552087654321'],
    ['an Argentine mobile number', '+5491123456789'],
    ['a number of another country', '+966500000001'],
    ['a user id', 'MX.13491208655302741918'],
  ])('by WhatsApp from %s stay as they are', (_what, from) => {
    expect(read(`whatsapp:${from}`, 'whatsapp:+15551230000', 'Hi')).toMatchObject([{ from }]);
  });

  test.each(['+5215512345678', '+551187654321'])('by SMS from %s stay as they are', (from) => {
    expect(read(from, '+15005550006', 'Hi')).toMatchObject([{ channel: 'SMS', from }]);
  });

  test('another channel of Twilio is none of ours', () => {
    expect(read('messenger:123', 'messenger:456', 'Hi')).toEqual([]);
  });

  test('a claim of a thousand pictures gives those that are there', () => {
    const form = new URLSearchParams({ MessageSid: 'MM1', From: '+1', To: '+2', NumMedia: '1000', MediaUrl0: 'https://a.example/0' });
    expect(twilio.provider.webhooks.incoming(twilio.server.sign(url, form))).toMatchObject([{ mediaUrls: ['https://a.example/0'] }]);
  });

  test('an unsigned one is refused, and Twilio reads an empty answer', () => {
    const request = twilio.server.incoming({ url, from: '+1', to: '+2', body: 'Hi' });
    expect(() => twilio.provider.webhooks.incoming({ ...request, headers: {} })).toThrow(
      expect.objectContaining({ code: 'INVALID_SIGNATURE' }),
    );
    expect(twilio.provider.webhooks.reply).toEqual({ contentType: 'text/xml', body: '<Response/>' });
  });
});
