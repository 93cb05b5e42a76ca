import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTwilioServer, type TwilioServer } from '../support/twilio-server.js';

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }`;
const MESSAGE = `query ($id: ID!) { message(id: $id) { status provider explanation { routing { provider reason } } } }`;

let twilio: TwilioServer;
let run: TestApp;
beforeAll(async () => {
  twilio = await startTwilioServer();
  run = await startTestApp({ ...twilio.settings, MESSAGING_MOCK_MODE: 'true' });
});
afterAll(async () => {
  await run.stop();
  await twilio.close();
});

test('in mock mode what names Twilio goes to the simulator as well, and reaches nobody', async () => {
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: '+14155550123', body: 'Hello', provider: 'twilio' } });
  expect(sendMessage.userErrors).toEqual([]);
  const { id } = sendMessage.message;
  const routing = [{ provider: 'simulator', reason: 'instead of twilio, in mock mode' }];
  await eventually(async () => {
    const { message } = await run.api.query(MESSAGE, { id });
    expect(message).toEqual({ status: 'DELIVERED', provider: 'simulator', explanation: { routing } });
  }, 10_000);
  expect(twilio.sent(id)).toBe(0);
});
