import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given } from '../support/given.js';
import { freePort } from '../support/program.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { rfc2822 } from '../support/twilio-account.js';
import { startTwilioServer, type TwilioServer } from '../support/twilio-server.js';

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }`;
const MESSAGE = `query ($id: ID!) { message(id: $id) { status provider providerMessageId attempts error { kind code } events { status applied } } }`;

let twilio: TwilioServer;
let run: TestApp;
let publicUrl: string;
beforeAll(async () => {
  twilio = await startTwilioServer();
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  run = await startTestApp({
    ...twilio.settings,
    PORT: String(port),
    PUBLIC_URL: publicUrl,
  });
  await given.session(run, ['+14155550123']);
});
afterAll(async () => {
  await run.stop();
  await twilio.close();
});

async function send(channel = 'SMS', body = 'Hello'): Promise<string> {
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: '+14155550123', body, channels: [channel] } });
  expect(sendMessage.userErrors).toEqual([]);
  return sendMessage.message.id;
}

const becomes = (id: string, status: string): Promise<any> =>
  eventually(async () => {
    const { message } = await run.api.query(MESSAGE, { id });
    expect(message.status).toBe(status);
    return message;
  }, 10_000);

describe('a message through Twilio', () => {
  test.each([
    ['SMS', ['sent', 'delivered'], 'DELIVERED'],
    ['WHATSAPP', ['sent', 'delivered', 'read'], 'READ'],
  ])('by %s is sent once, and its signed callbacks take it to its end', async (channel, callbacks, end) => {
    const id = await send(channel);
    expect(await becomes(id, 'SENT')).toMatchObject({
      provider: 'twilio',
      attempts: 1,
      providerMessageId: expect.stringMatching(/^[SM]M/),
    });
    for (const status of callbacks) expect((await twilio.postReceipt(id, status)).status).toBe(200);
    await becomes(id, end);
    expect(twilio.sent(id)).toBe(1);
  });

  test('that the carrier does not deliver FAILED with its code, classified', async () => {
    const id = await send();
    await becomes(id, 'SENT');
    await twilio.postReceipt(id, 'undelivered', { errorCode: 30006 });
    expect(await becomes(id, 'FAILED')).toMatchObject({ error: { kind: 'INVALID_RECIPIENT', code: '30006' } });
  });

  test('is not moved by a callback that somebody else signed', async () => {
    const id = await send();
    await becomes(id, 'SENT');
    const forged = {
      method: 'POST',
      body: new URLSearchParams({ MessageStatus: 'delivered' }),
      headers: { 'x-twilio-signature': 'bm90IHR3aWxpbw==' },
    };
    expect((await fetch(`${publicUrl}/webhooks/twilio/status?m=${id}&a=1`, forged)).status).toBe(403);
    expect(await becomes(id, 'SENT')).toMatchObject({ status: 'SENT' });
  });

  test('whose call was cut after Twilio took it is found there, and not sent again', async () => {
    twilio.next({ take: true, answer: 'cut' });
    const id = await send('SMS', 'Only once');
    await becomes(id, 'SENT');
    expect(twilio.sent(id)).toBe(1);
  });
});

test('what Twilio charges is learnt without anybody asking, once it has been out for an hour', async () => {
  const id = await send();
  await becomes(id, 'SENT');
  const anHourAndMore = rfc2822(new Date(Date.now() - 5_400_000));
  Object.assign(twilio.message(id), { price: '-0.00830', date_sent: anHourAndMore });
  await eventually(async () => expect(await rowsOf(run, 'select 1 from charge_readings')).toHaveLength(2), 10_000);
  await rowsOf(run, "update charge_readings set read_until = now() - interval '2 hours', next_at = now()");
  await eventually(async () => {
    const { message } = await run.api.query('query ($id: ID!) { message(id: $id) { cost { amount currency } } }', { id });
    expect(message.cost).toEqual({ amount: '0.0083', currency: 'USD' });
  }, 15_000);
});

describe('an answer of a person', () => {
  test('is journalled, and Twilio is given nothing to say', async () => {
    const answer = await twilio.postIncoming({
      url: `${publicUrl}/webhooks/twilio/incoming`,
      from: '+14155550123',
      to: '+15005550006',
      body: 'Thank you',
    });
    expect(answer.status).toBe(200);
    const journalled = await rowsOf(run, `select kind, provider from webhook_journal where kind = 'INCOMING'`);
    expect(journalled).toEqual([{ kind: 'INCOMING', provider: 'twilio' }]);
  });
});
