import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, messageIn } from '../support/given.js';
import { inbound } from '../support/incoming.js';
import { SEND } from '../support/operations.js';
import { freePort } from '../support/program.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTwilioServer, type TwilioServer } from '../support/twilio-server.js';

const REPLY = `mutation ($input: ReplyInput!) { reply(input: $input) { message { to channel } userErrors { code } } }`;
const OURS = '+15005550006';

let twilio: TwilioServer;
let run: TestApp;
let url: string;
let last = 0;
const somebody = (): string => `+1415561${String(1000 + ++last)}`;

beforeAll(async () => {
  twilio = await startTwilioServer();
  const port = await freePort();
  url = `http://127.0.0.1:${port}/webhooks/twilio/incoming`;
  run = await startTestApp({
    ...twilio.settings,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
});
afterAll(async () => {
  await run.stop();
  await twilio.close();
});

async function heard(
  from: string,
  body: string,
  more: { extra?: Record<string, string>; mediaUrls?: string[]; to?: string } = {},
): Promise<any> {
  const before = (await inbound(run, { first: 1 }))[0]?.id;
  expect((await twilio.postIncoming({ url, from, to: OURS, body, ...more })).status).toBe(200);
  let found: any;
  await eventually(async () => {
    [found] = await inbound(run, { first: 1 });
    expect(found.id).not.toBe(before);
  });
  return found;
}

const answersTo = (id: string): Promise<{ id: string }[]> => rowsOf(run, `select id from messages where reference = 'inbound:${id}'`);

describe('through Twilio', () => {
  test('a STOP that Twilio has acted on is ours too, and is answered by Twilio alone', async () => {
    const message = await heard(somebody(), 'STOP', { extra: { OptOutType: 'STOP' } });
    expect(message).toMatchObject({ intent: 'OPT_OUT', answer: 'BY_PROVIDER', provider: 'twilio' });
    expect(await answersTo(message.id)).toEqual([]);
  });

  test('a STOP that Twilio blocks without telling is not answered twice: it refuses our confirmation', async () => {
    twilio.next({ answer: { status: 400, code: 21610 } });
    const message = await heard(somebody(), 'STOP');
    const [confirmation] = await answersTo(message.id);
    const refused = await messageIn(run.api, 'FAILED', confirmation?.id ?? '');
    expect(refused).toMatchObject({ attempts: 1, error: { kind: 'OPTED_OUT', code: '21610' } });
    expect(twilio.sent(refused.id)).toBe(0);
  });

  test('STOP by WhatsApp, which Twilio leaves to us, is confirmed', async () => {
    const message = await heard(`whatsapp:${somebody()}`, 'STOP', { to: 'whatsapp:+15005550007' });
    const [confirmation] = await answersTo(message.id);
    await messageIn(run.api, 'SENT', confirmation?.id ?? '');
    expect(twilio.sent(confirmation?.id ?? '')).toBe(1);
  });

  test.each([
    ['+525512345678', '+5215512345678'],
    ['+5511987654321', '+551187654321'],
  ])('a STOP by WhatsApp holds for %s, which WhatsApp calls %s', async (to, from) => {
    const message = { to, channels: ['WHATSAPP'], body: 'Hello' };
    await given.session(run, [to]);
    await messageIn(run.api, 'SENT', (await given.message(run.api, message)).id);
    const { conversation } = await heard(`whatsapp:${from}`, 'Who is this?', { to: 'whatsapp:+15005550007' });
    const { reply } = await run.api.mutate(REPLY, { input: { conversationId: conversation.id, body: 'Your clinic' } });
    expect(reply).toMatchObject({ message: { to, channel: 'WHATSAPP' }, userErrors: [] });
    const stop = await heard(`whatsapp:${from}`, 'STOP', { to: 'whatsapp:+15005550007' });
    expect(stop).toMatchObject({ intent: 'OPT_OUT', from: to, conversation: { id: conversation.id } });
    const { sendMessage } = await run.api.mutate(SEND, { input: message });
    expect(sendMessage).toMatchObject({ message: null, userErrors: [{ code: 'OPTED_OUT' }] });
  });

  test('a picture by WhatsApp is kept with its address, and its sender with their name', async () => {
    const from = somebody();
    const mediaUrls = ['https://api.twilio.com/media/ME1'];
    const extra = { ProfileName: 'Omar', WaId: from.slice(1), MessageType: 'image' };
    const message = await heard(`whatsapp:${from}`, '', { to: 'whatsapp:+15005550007', mediaUrls, extra });
    expect(message).toMatchObject({ channel: 'WHATSAPP', from, body: null, mediaUrls, intent: 'OTHER', review: null });
    const { contact } = await run.api.query('query ($id: ID!) { contact(ref: { id: $id }) { name phone } }', {
      id: message.conversation.contact.id,
    });
    expect(contact).toEqual({ name: 'Omar', phone: from });
  });

  test('a message that Twilio posts several times at once is one', async () => {
    const request = twilio.incoming({ url, from: somebody(), to: OURS, body: 'Once' });
    const post = (): Promise<Response> =>
      fetch(request.url, { method: 'POST', body: request.rawBody, headers: request.headers as Record<string, string> });
    await Promise.all(Array.from({ length: 10 }, post));
    await run.app.core.intake.idle();
    const sid = new URLSearchParams(request.rawBody).get('MessageSid');
    expect(await rowsOf(run, `select 1 from inbound_messages where provider_message_id = '${sid}'`)).toHaveLength(1);
  });
});
