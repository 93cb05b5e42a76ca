import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import { PUBLIC_URL, type StartedTwilio, startTwilio, twilioProvider } from './start-twilio.js';

const ID = '0190f1a0-0000-7000-8000-000000000001';
const SERVICE = `MG${'2'.padStart(32, '0')}`;

describe('sending through Twilio', () => {
  let twilio: StartedTwilio;
  beforeEach(async () => void (twilio = await startTwilio()));
  afterEach(() => twilio.close());
  const sentForm = () => Object.fromEntries(twilio.server.requests.at(-1)?.form ?? []);

  test('an SMS carries sender, recipient, body and our id and attempt in its callback', async () => {
    const { providerMessageId, segments, cost } = await twilio.provider.send(outbound({ id: ID, attempt: 3 }), patience());
    expect(sentForm()).toEqual({
      To: '+966500000001',
      From: '+15005550006',
      Body: 'Your visit is tomorrow at 09:30.',
      StatusCallback: `${PUBLIC_URL}/webhooks/twilio/status?m=${ID}&a=3`,
    });
    expect(providerMessageId).toBe(twilio.server.message(ID).sid);
    expect({ segments, cost }).toEqual({ segments: 1, cost: undefined });
  });

  test('on WhatsApp both addresses have the prefix', async () => {
    await twilio.provider.send(outbound({ channel: 'WHATSAPP' }), patience());
    expect(sentForm()).toMatchObject({ To: 'whatsapp:+966500000001', From: 'whatsapp:+15551230000' });
    await twilio.provider.send(outbound({ channel: 'WHATSAPP', from: '+15551239999' }), patience());
    expect(sentForm()).toMatchObject({ From: 'whatsapp:+15551239999' });
  });

  test('what WhatsApp has approved goes by its name and variables, without words of ours', async () => {
    const twilioRef = { contentSid: `HX${'a'.repeat(32)}`, variables: { 1: 'Layla', 2: '1 ديسمبر' } };
    await twilio.provider.send(outbound({ channel: 'WHATSAPP', providerRefs: { twilio: twilioRef } }), patience());
    expect(sentForm()).toMatchObject({ ContentSid: twilioRef.contentSid, ContentVariables: '{"1":"Layla","2":"1 ديسمبر"}' });
    expect(sentForm()).not.toHaveProperty('Body');
  });

  test('a text with such a name goes out as it is by SMS', async () => {
    const providerRefs = { twilio: { contentSid: `HX${'a'.repeat(32)}`, variables: {} } };
    await twilio.provider.send(outbound({ providerRefs }), patience());
    expect(sentForm()).toMatchObject({ Body: 'Your visit is tomorrow at 09:30.' });
    expect(sentForm()).not.toHaveProperty('ContentSid');
  });

  test('any text arrives as it was, half a surrogate pair as a replacement character', async () => {
    const body = 'زيارتك غدًا 😀 & = + %\n“09:30”';
    await twilio.provider.send(outbound({ body }), patience());
    expect(sentForm()).toMatchObject({ Body: body });
    await twilio.provider.send(outbound({ body: 'Hi \ud83d' }), patience());
    expect(sentForm()).toMatchObject({ Body: 'Hi \ufffd' });
  });

  test('half a surrogate pair in a media address does not keep the message from Twilio', async () => {
    await twilio.provider.send(outbound({ mediaUrls: ['https://a.example/\ud83d', 'https://a.example/\ud83d.jpg'] }), patience());
    const mediaUrls = ['https://a.example/\ufffd', 'https://a.example/\ufffd.jpg'];
    expect(twilio.server.requests.at(-1)?.form.getAll('MediaUrl')).toEqual(mediaUrls);
  });

  test('each media address is a parameter of its own, and the body may be missing', async () => {
    const mediaUrls = ['https://a.example/1.jpg?x=1&y=2', 'https://a.example/2.jpg'];
    const { providerMessageId } = await twilio.provider.send(outbound({ body: '', mediaUrls }), patience());
    expect(twilio.server.requests.at(-1)?.form.getAll('MediaUrl')).toEqual(mediaUrls);
    expect(sentForm()).not.toHaveProperty('Body');
    expect(providerMessageId).toMatch(/^MM/);
  });

  test.each([
    [90_500, '90'],
    [-1_000, '1'],
    [48 * 3_600_000, '36000'],
  ])('a message that expires in %d ms is valid for %s seconds at Twilio', async (ms, seconds) => {
    await twilio.provider.send(outbound({ expiresAt: new Date(Date.now() + ms) }), patience());
    expect(sentForm()).toMatchObject({ ValidityPeriod: seconds });
  });

  test('connections are kept, and neither a proxy nor a region comes from the environment', async () => {
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9').stubEnv('TWILIO_REGION', 'ie1').stubEnv('TWILIO_EDGE', 'dublin');
    const { server, provider, close } = await startTwilio({ connections: 1 });
    for (let n = 0; n < 3; n++) await provider.send(outbound(), patience());
    expect(server.requests.map(({ remotePort }) => remotePort)).toEqual(Array(3).fill(server.requests[0]?.remotePort));
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^twilio-node\/6/);
    vi.unstubAllEnvs();
    await close();
  });

  test('what the account says of itself is believed', async () => {
    await twilio.provider.ping(patience());
    twilio.server.account.status = 'suspended';
    await expect(twilio.provider.ping(patience())).rejects.toMatchObject({ kind: 'SENDER_MISCONFIGURED' });
  });
});

describe('senders', () => {
  test.each([
    [{}, ['SMS', 'WHATSAPP']],
    [{ whatsappNumber: undefined }, ['SMS']],
    [{ fromNumber: undefined }, ['WHATSAPP']],
    [{ fromNumber: undefined, whatsappNumber: undefined }, []],
    [{ fromNumber: undefined, whatsappNumber: undefined, messagingServiceSid: SERVICE }, ['SMS', 'WHATSAPP']],
  ])('%o serves the channels %o', async (senders, channels) => {
    const provider = twilioProvider(senders);
    expect(provider.channels).toEqual(channels);
    await provider.close();
  });

  test('a Messaging Service goes before the one number; its segments are told later', async () => {
    const { server, provider, close } = await startTwilio({ messagingServiceSid: SERVICE });
    const accepted = await provider.send(outbound(), patience());
    expect(accepted.segments).toBeUndefined();
    expect(Object.fromEntries(server.requests[0]?.form ?? [])).toMatchObject({ MessagingServiceSid: SERVICE });
    expect(server.requests[0]?.form.has('From')).toBe(false);
    await provider.send(outbound({ from: '+15005550006' }), patience());
    expect(server.requests[1]?.form.has('MessagingServiceSid')).toBe(false);
    await close();
  });
});

describe('a public address that leads to this machine', () => {
  const sendTwice = async (settings: { publicUrl?: string; apiBaseUrl?: string }) => {
    const lines: string[] = [];
    const provider = twilioProvider({ ...settings, log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }) });
    // Withdrawn calls: nothing goes to the real Twilio.
    for (let n = 0; n < 2; n++) await failureOf(provider, outbound(), AbortSignal.abort());
    await provider.close();
    return lines.map((line) => (JSON.parse(line) as { publicUrl: string }).publicUrl);
  };

  test.each(['http://localhost:4000', 'http://127.0.0.1:4000/', 'http://[::1]:4000', 'http://0.0.0.0:4000', 'https://app.localhost'])(
    '%s is warned of once',
    async (publicUrl) => expect(await sendTwice({ publicUrl })).toEqual([publicUrl]),
  );

  test('it is as wrong for a region of Twilio, and right for a stand-in on this machine', async () => {
    const publicUrl = 'http://localhost:4000';
    expect(await sendTwice({ publicUrl, apiBaseUrl: 'https://api.dublin.ie1.twilio.com' })).toEqual([publicUrl]);
    expect(await sendTwice({ publicUrl, apiBaseUrl: 'http://127.0.0.1:9' })).toEqual([]);
    expect(await sendTwice({ publicUrl: 'https://localhost.example.com' })).toEqual([]);
  });
});
