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

test('of a message whose medium Twilio has deleted already, text and other media are forgotten too', async () => {
  const message = outbound({ mediaUrls: ['https://media.example.org/1.jpg', 'https://media.example.org/2.jpg'] });
  const { providerMessageId } = await twilio.provider.send(message, patience());
  const media = twilio.server.account.media.get(providerMessageId) ?? [];
  twilio.server.next({}, {}, { answer: { status: 404, code: 20404 } });
  await twilio.provider.redact(providerMessageId, patience());
  expect(twilio.server.message(message.id).body).toBe('');
  expect(twilio.server.account.media.get(providerMessageId)).toEqual(media.slice(0, 1));
});

test('a refusal or an outage is to be tried again', async () => {
  const message = outbound();
  const { providerMessageId } = await twilio.provider.send(message, patience());
  twilio.server.next({ answer: { status: 500 } });
  await expect(twilio.provider.redact(providerMessageId, patience())).rejects.toMatchObject({ kind: 'PROVIDER_UNAVAILABLE' });
  expect(twilio.server.message(message.id).body).not.toBe('');
});
