import { afterEach, beforeEach, expect, test } from 'vitest';
import { outbound, patience } from '../../support/provider-conformance.js';
import { type StartedTwilio, startTwilio } from './start-twilio.js';

let twilio: StartedTwilio;
beforeEach(async () => void (twilio = await startTwilio()));
afterEach(() => twilio.close());

test('Twilio empties the text and deletes the media of a message', async () => {
  const message = outbound({
    body: 'Something private',
    mediaUrls: ['https://media.example.org/1.jpg', 'https://media.example.org/2.jpg'],
  });
  const { providerMessageId } = await twilio.provider.send(message, patience());
  await twilio.provider.redact(providerMessageId, patience());
  expect(twilio.server.message(message.id).body).toBe('');
  expect(twilio.server.account.media.get(providerMessageId)).toEqual([]);
});

test('what Twilio no longer has counts as forgotten', async () => {
  await expect(twilio.provider.redact('SM404', patience())).resolves.toBeUndefined();
});

test('a refusal or an outage is to be tried again', async () => {
  const message = outbound();
  const { providerMessageId } = await twilio.provider.send(message, patience());
  twilio.server.next({ answer: { status: 500 } });
  await expect(twilio.provider.redact(providerMessageId, patience())).rejects.toMatchObject({ kind: 'PROVIDER_UNAVAILABLE' });
  expect(twilio.server.message(message.id).body).not.toBe('');
});
