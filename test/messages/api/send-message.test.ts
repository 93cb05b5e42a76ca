import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, NUMBER, readMessage } from '../../support/given.js';
import { SEND } from '../../support/operations.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ RETRY_OUTAGE_SECONDS: '30' });
  await given.session(run);
});
afterAll(() => run.stop());

const carried = (id: string) =>
  eventually(() => run.simulator.messages().find((message) => message.id === id) ?? Promise.reject(new Error('not taken yet')));

/** What a message that waits for its time does not have. */
const NOTHING_YET = Object.fromEntries(
  'from provider providerMessageId error cost batch fallbackOf fallback queuedAt sentAt deliveredAt readAt failedAt'
    .split(' ')
    .map((name) => [name, null]),
);

describe('sendMessage', () => {
  test('returns the message as it was accepted, with everything the caller gave', async () => {
    const times = { sendAt: inSeconds(600), expiresAt: inSeconds(900) };
    const labels = { body: 'Your order is ready', category: 'SERVICE', topic: 'orders', reference: 'order-7' };
    const { id, createdAt, ...rest } = await given.message(run.api, { to: '+1 (415) 555-0101', language: 'en-gb', ...labels, ...times });
    expect(rest).toEqual({
      ...NOTHING_YET,
      ...labels,
      channel: 'SMS',
      status: 'SCHEDULED',
      to: '+14155550101',
      mediaUrls: [],
      language: 'en-GB',
      encoding: 'GSM7',
      segments: 1,
      attempts: 0,
      maxAttempts: 3,
      nextAttemptAt: times.sendAt,
      scheduledFor: times.sendAt,
      expiresAt: times.expiresAt,
    });
    expect(Date.now() - new Date(createdAt).getTime()).toBeLessThan(5_000);
    expect(await readMessage(run.api, id)).toMatchObject({ createdAt, ...rest });
  });

  test('needs a number and a text only: an SMS, expected by the person, at once', async () => {
    const message = await given.message(run.api);
    expect(message).toMatchObject({
      channel: 'SMS',
      category: 'UTILITY',
      status: 'QUEUED',
      scheduledFor: null,
      expiresAt: null,
      nextAttemptAt: null,
    });
    expect(message.queuedAt).toBe(message.createdAt);
  });

  test('is told what it cost, in how many segments, by whom', async () => {
    const message = await given.delivered(run.api, { body: 'x'.repeat(161) });
    expect(message).toMatchObject({
      segments: 2,
      provider: 'simulator',
      attempts: 1,
      cost: { amount: '0.015', currency: 'USD' },
      error: null,
    });
    expect(message.providerMessageId).toMatch(/^sim-/);
    expect(message.sentAt <= message.deliveredAt).toBe(true);
  });

  test.each([
    ['Arabic, right to left', 'مرحبًا، طلبك رقم 7 جاهز', 'UCS2'],
    ['emoji, families and flags', '👨‍👩‍👧‍👦 🇸🇦 ok', 'UCS2'],
    ['marks of direction', '\u202bשלום\u202c 123', 'UCS2'],
    ['the extended alphabet', '{price} = 5 € [net] ~', 'GSM7'],
    ['quotes, backslashes and lines', 'a "b" \\ c\nd\t—\u0000', 'UCS2'],
  ])('carries %s to the provider as they were written', async (_what, body, encoding) => {
    const { id, ...message } = await given.message(run.api, { body });
    expect(message).toMatchObject({ body, encoding });
    expect((await carried(id)).body).toBe(body);
    expect((await readMessage(run.api, id)).body).toBe(body);
  });

  test('composes decomposed characters, so that they cost no more than composed ones', async () => {
    const { id, body, encoding, segments } = await given.message(run.api, { body: 'Cafe\u0301'.repeat(40) });
    expect({ body, encoding, segments }).toEqual({ body: 'Caf\u00e9'.repeat(40), encoding: 'GSM7', segments: 1 });
    expect((await carried(id)).body).toBe('Caf\u00e9'.repeat(40));
  });

  test('counts the limit of a body after composing it', async () => {
    expect((await given.message(run.api, { body: 'e\u0301'.repeat(1600) })).segments).toBe(11);
  });

  test('sends media, with a text or without', async () => {
    const mediaUrls = ['https://example.com/a.jpg?x=1', 'http://example.com/b.pdf'];
    const alone = await given.message(run.api, { body: null, mediaUrls, channels: ['WHATSAPP'] });
    expect(alone).toMatchObject({ mediaUrls, encoding: null, segments: null });
    expect((await carried(alone.id)).mediaUrls).toEqual(mediaUrls);
    expect(await given.message(run.api, { mediaUrls })).toMatchObject({ body: 'Hello', mediaUrls });
  });

  test('goes out on WhatsApp, where it has no segments and is read', async () => {
    const { id } = await given.message(run.api, { channels: ['WHATSAPP'], body: 'Hi' });
    const message = await messageIn(run.api, 'READ', id);
    expect(message).toMatchObject({ channel: 'WHATSAPP', encoding: null, to: NUMBER });
    expect(message.deliveredAt <= message.readAt).toBe(true);
  });

  test('goes to the provider that the caller names', async () => {
    const { id } = await given.delivered(run.api, { provider: 'simulator' });
    const { explanation } = await readMessage(run.api, id);
    expect(explanation.routing).toMatchObject([{ provider: 'simulator', channel: 'SMS', chosen: true, reason: 'asked for by the caller' }]);
  });
});

const PROVIDERS_ANSWER = ['SENT', 'DELIVERED'];

async function sendNow(to: string, input: Record<string, unknown> = {}) {
  const began = Date.now();
  const message = await given.message(run.api, { to, immediate: true, ...input });
  expect(Date.now() - began).toBeLessThan(5_000);
  return message;
}

describe('sendMessage with immediate', () => {
  test('returns when the provider has taken the message', async () => {
    const message = await sendNow('+14155550100');
    expect(PROVIDERS_ANSWER).toContain(message.status);
    expect(message).toMatchObject({ attempts: 1, provider: 'simulator', cost: { amount: '0.0075', currency: 'USD' }, error: null });
    expect(run.simulator.taken(message.id)).toBe(1);
  });

  test('returns the failure of a message that the provider refused', async () => {
    const message = await sendNow('+15005550001');
    expect(message).toMatchObject({
      status: 'FAILED',
      attempts: 1,
      error: { kind: 'INVALID_RECIPIENT', retryable: false, code: 'invalid_number' },
    });
  });

  test('returns a message that is tried again later, with the error of its first try', async () => {
    const message = await sendNow('+15005550012');
    expect(message).toMatchObject({ status: 'QUEUED', attempts: 1, error: { kind: 'PROVIDER_UNAVAILABLE', retryable: true } });
    const wait = new Date(message.nextAttemptAt).getTime() - Date.now();
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThan(40_000);
  });

  test('returns a message whose provider never answered as UNCONFIRMED', async () => {
    const { id, status } = await sendNow('+15005550010');
    // On a busy machine the look-up that follows has found it before it is read.
    expect(['UNCONFIRMED', 'SENT']).toContain(status);
    const { events } = await readMessage(run.api, id);
    expect(events.find((event: any) => event.status === 'UNCONFIRMED')).toMatchObject({ attempt: 1, error: { kind: 'TIMEOUT' } });
  });

  test('is still followed by the receipts', async () => {
    const { id } = await sendNow('+14155550100', { channels: ['WHATSAPP'] });
    expect(await messageIn(run.api, 'READ', id)).toMatchObject({ attempts: 1 });
  });

  test('leaves no listener behind, also when the message is refused', async () => {
    await sendNow('+14155550100', { idempotencyKey: 'once' });
    const { sendMessage } = await run.api.mutate(SEND, {
      input: { to: '+14155550100', body: 'Other', idempotencyKey: 'once', immediate: true },
    });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    await eventually(() => expect(run.app.core.feed['tenants'].size).toBe(0));
  });
});
