import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OutboundMessage } from '../../../src/delivery/provider.js';
import { rfc2822 } from '../../support/twilio-account.js';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import { type StartedTwilio, startTwilio, twilioProvider } from './start-twilio.js';

let twilio: StartedTwilio;
beforeEach(async () => void (twilio = await startTwilio()));
afterEach(() => twilio.close());

const lookUp = (message: OutboundMessage, providerMessageId: string | null = null, notBefore = new Date()) =>
  twilio.provider.lookUp({ ...message, providerMessageId, notBefore }, patience());

/** Taken by Twilio, while we heard nothing. */
async function lost(message: OutboundMessage): Promise<OutboundMessage> {
  twilio.server.next({ take: true, answer: 'cut' });
  await failureOf(twilio.provider, message);
  return message;
}

describe('a look-up at Twilio by sid', () => {
  test('gives status, segments and the price as what it cost', async () => {
    const message = outbound({ attempt: 2 });
    const { providerMessageId } = await twilio.provider.send(message, patience());
    Object.assign(twilio.server.message(message.id), { status: 'delivered', price: '-0.00830', price_unit: 'usd', num_segments: '2' });
    expect(await lookUp(message, providerMessageId)).toEqual({
      found: true,
      providerMessageId,
      receipt: {
        messageId: message.id,
        attempt: 2,
        providerMessageId,
        status: 'DELIVERED',
        providerStatus: 'delivered',
        error: null,
        segments: 2,
        cost: { amount: '0.00830', currency: 'USD' },
        dedupeKey: `record:${providerMessageId}:delivered::2:0.00830`,
      },
    });
  });

  test('says nothing of what Twilio does not know yet', async () => {
    const message = outbound();
    const { providerMessageId } = await twilio.provider.send(message, patience());
    twilio.server.message(message.id).num_segments = '0';
    expect(await lookUp(message, providerMessageId)).toMatchObject({ receipt: { status: null, segments: null, cost: null } });
  });

  test('gives the reason of a failure', async () => {
    const message = outbound();
    const { providerMessageId } = await twilio.provider.send(message, patience());
    Object.assign(twilio.server.message(message.id), { status: 'undelivered', error_code: 30006 });
    expect(await lookUp(message, providerMessageId)).toMatchObject({
      receipt: { status: 'FAILED', error: { kind: 'INVALID_RECIPIENT', code: '30006' } },
    });
  });

  test('of a record that was deleted tells nothing, for the message was taken', async () => {
    expect(await lookUp(outbound(), 'SM404')).toEqual({ found: 'unknown', reason: 'Twilio could not be asked (20404).' });
  });

  test('that is answered with something else tells nothing', async () => {
    twilio.server.next({ answer: { status: 200, body: '{}' } });
    expect(await lookUp(outbound(), 'SM1')).toEqual({ found: 'unknown', reason: 'Twilio could not be asked (UNREADABLE_ANSWER).' });
  });
});

describe('a look-up at Twilio without a sid', () => {
  test('of an approved template, whose words are Twilio’s, tells nothing while there is another message to the number', async () => {
    const providerRefs = { twilio: { contentSid: `HX${'a'.repeat(32)}`, variables: {} } };
    const message = outbound({ channel: 'WHATSAPP', providerRefs });
    expect(await lookUp(message)).toEqual({ found: false });
    await lost(message);
    expect(await lookUp(message)).toMatchObject({ found: 'unknown', reason: expect.stringContaining('template') });
  });

  test.each([{ channel: 'SMS' as const }, { channel: 'WHATSAPP' as const }])('finds a lost message on %o', async ({ channel }) => {
    const message = await lost(outbound({ channel, body: ' Your visit is tomorrow. ' }));
    twilio.server.message(message.id).body = 'Your visit is tomorrow.';
    const { sid } = twilio.server.message(message.id);
    expect(await lookUp(message)).toMatchObject({ found: true, providerMessageId: sid, receipt: { messageId: message.id } });
  });

  test.each([
    ['“Dr. Sara’s” visit — 09:30…', '"Dr. Sara\'s" visit - 09:30...'],
    ['Oʻzbekiston klinikasi', "O'zbekiston klinikasi"],
    ['Сімʼя чекає', "Сім'я чекає"],
    ['Todayǃ', 'Today!'],
    ['ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', 'ABCDEFGHIJKLMNOPRSTUVWYZ'],
  ])('finds the text %s, which Twilio has simplified', async (body, simplified) => {
    const message = await lost(outbound({ body }));
    twilio.server.message(message.id).body = simplified;
    expect(await lookUp(message)).toMatchObject({ found: true });
  });

  test('does not find other texts, earlier ones, those to others, or from the person', async () => {
    const message = outbound();
    await lost(outbound({ body: 'Your visit is tomorrow at 09:31.' }));
    await lost(outbound({ to: '+966500000002' }));
    twilio.server.message((await lost(outbound())).id).direction = 'inbound';
    twilio.server.message((await lost(outbound())).id).date_created = rfc2822(new Date(Date.now() - 7_000));
    expect(await lookUp(message)).toEqual({ found: false });
  });

  test('finds a message whatever number the Messaging Service chose, sent or not', async () => {
    await twilio.close();
    twilio = await startTwilio({ messagingServiceSid: `MG${'2'.padStart(32, '0')}` });
    const message = await lost(outbound());
    Object.assign(twilio.server.message(message.id), { from: '+15005559999', date_sent: null });
    expect(await lookUp(message)).toMatchObject({ found: true });
  });

  test.each([{ body: 'Your visit is tomorrow.' }, { body: '👍' }, { body: '', mediaUrls: ['https://a.example/1'] }])(
    'finds %o behind the words that Twilio puts before the texts of a trial account',
    async (content) => {
      const message = await lost(outbound(content));
      twilio.server.message(message.id).body = `Sent from your Twilio trial account - ${content.body}`;
      expect(await lookUp(message)).toMatchObject({ found: true });
    },
  );

  test.each([
    ['Your visit is tomorrow.', 'Noor Clinic: your visit. Reply STOP to opt out.', { found: false }],
    ['Your visit is tomorrow.', 'Noor Clinic: Your visit is tomorrow. Reply STOP to opt out.', { found: 'unknown' }],
    ['👍', 'Your visit is tomorrow.', { found: 'unknown' }],
    ['«…»', '"..."', { found: 'unknown' }],
    ['👍', 'Noor Clinic: 👍', { found: 'unknown' }],
  ])('of "%s" in "%s" says %o', async (body, known, found) => {
    const message = await lost(outbound({ body }));
    twilio.server.message(message.id).body = known;
    expect(await lookUp(message)).toMatchObject(found);
  });

  test('cannot tell whether an equal message from another sender is ours, for ours may have been changed since', async () => {
    const message = await lost(outbound());
    const service = `MG${'2'.padStart(32, '0')}`;
    const unknown = { found: 'unknown', reason: 'Twilio has an equal message to this number from another sender.' };
    for (const config of [{ fromNumber: '+15005550010' }, { messagingServiceSid: service }]) {
      const changed = twilioProvider({ apiBaseUrl: twilio.server.url, ...config });
      expect(await changed.lookUp({ ...message, providerMessageId: null, notBefore: new Date() }, patience())).toEqual(unknown);
      await changed.close();
    }
  });

  test('cannot tell which of two equal messages is ours', async () => {
    const message = await lost(outbound());
    await lost(outbound());
    expect(await lookUp(message)).toEqual({ found: 'unknown', reason: 'Twilio has 2 messages to this number that it can be.' });
  });

  test('cannot tell when Twilio has redacted a text', async () => {
    const message = await lost(outbound());
    twilio.server.message(message.id).body = '';
    expect(await lookUp(message)).toEqual({ found: 'unknown', reason: 'Twilio keeps no text of a message to this number.' });
  });

  test('knows pictures without a text by their number', async () => {
    const message = await lost(outbound({ body: '', mediaUrls: ['https://a.example/1', 'https://a.example/2'] }));
    await lost(outbound({ body: '', mediaUrls: ['https://a.example/3'] }));
    expect(await lookUp(message)).toMatchObject({ found: true, receipt: { messageId: message.id } });
  });

  const take = (count: number, body: string) => {
    for (let n = 0; n < count; n++)
      twilio.server.account.take(new URLSearchParams({ To: '+966500000001', From: '+15005550006', Body: body }));
  };

  test('reads on page by page', async () => {
    const message = await lost(outbound());
    take(450, 'Another text');
    expect(await lookUp(message)).toMatchObject({ found: true, providerMessageId: twilio.server.message(message.id).sid });
    expect(twilio.server.requests).toHaveLength(1 + 3);
  });

  test('gives up after three pages without a word on what it has not seen', async () => {
    const message = await lost(outbound());
    take(600, 'Another text');
    expect(await lookUp(message)).toEqual({ found: 'unknown', reason: 'Twilio has too many messages to this number.' });
    expect(twilio.server.requests).toHaveLength(1 + 3);
  });

  test('stops at a page of old messages', async () => {
    take(450, 'Another text');
    for (const message of twilio.server.messages) message.date_created = rfc2822(new Date(Date.now() - 60_000));
    expect(await lookUp(outbound())).toEqual({ found: false });
    expect(twilio.server.requests).toHaveLength(1);
  });

  test.each([
    [{ answer: { status: 429, code: 20429 } }, '20429'],
    [{ answer: { status: 503, body: '<html>' } }, 'HTTP_503'],
    [{ answer: { status: 200, body: '{' } }, 'UNREADABLE_ANSWER'],
    [{ answer: { status: 200, body: '{}' } }, 'UNREADABLE_ANSWER'],
    [{ answer: 'cut' as const }, 'UND_ERR_SOCKET'],
  ])('that ends in %o tells nothing', async (behaviour, code) => {
    twilio.server.next(behaviour);
    expect(await lookUp(outbound())).toEqual({ found: 'unknown', reason: `Twilio could not be asked (${code}).` });
  });
});
