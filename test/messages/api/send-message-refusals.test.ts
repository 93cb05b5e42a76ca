import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestApi } from '../../support/gql.js';
import { given, inSeconds, NUMBER } from '../../support/given.js';
import { SEND, SEND_BULK } from '../../support/operations.js';
import { footprint } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
let untouched: Record<string, number>;
let saudi: TestApi;
beforeAll(async () => {
  run = await startTestApp();
  untouched = await footprint(run);
  saudi = (await run.withTenant('riyadh')).admin;
  await change(saudi, { defaultCountry: 'SA', allowedCountries: ['SA', 'AE'] });
});
afterAll(() => run.stop());

const refusal = async (input: Record<string, unknown>) => {
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: NUMBER, body: 'Hello', ...input } });
  expect(sendMessage).toMatchObject({ message: null, duplicate: false });
  return sendMessage.userErrors.map(({ code, field }: { code: string; field: string[] }) => [code, field.join('.')].join(' '));
};

const LANDLINE = '+966112345678';

describe('sendMessage refuses, and stores and sends nothing:', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['nobody to send to', { to: null }, 'INVALID_INPUT to'],
    ['an empty number', { to: '  ' }, 'INVALID_INPUT to'],
    ['letters', { to: 'call me' }, 'INVALID_PHONE_NUMBER to'],
    ['a number that is too short', { to: '+1415555' }, 'INVALID_PHONE_NUMBER to'],
    ['a number that nobody has', { to: '+10005550100' }, 'INVALID_PHONE_NUMBER to'],
    ['a number without a country', { to: '0501234567' }, 'INVALID_PHONE_NUMBER to'],
    ['an SMS to a landline', { to: LANDLINE }, 'INVALID_PHONE_NUMBER to'],
    ['no text', { body: null }, 'INVALID_INPUT body'],
    ['a blank text', { body: ' \n' }, 'INVALID_INPUT body'],
    ['an SMS of 1,601 characters', { body: 'x'.repeat(1601) }, 'INVALID_INPUT body'],
    ['a WhatsApp text of 4,097', { body: 'x'.repeat(4097), channels: ['WHATSAPP'] }, 'INVALID_INPUT body'],
    ['a text that is too long for a further channel', { body: 'x'.repeat(1601), channels: ['WHATSAPP', 'SMS'] }, 'INVALID_INPUT body'],
    ['eleven media', { mediaUrls: Array.from({ length: 11 }, () => 'https://example.com/a') }, 'INVALID_INPUT mediaUrls'],
    ['media that are no address', { mediaUrls: ['https://example.com/a', 'a.jpg'] }, 'INVALID_INPUT mediaUrls.1'],
    ['media of another scheme', { mediaUrls: ['file:///etc/passwd'] }, 'INVALID_INPUT mediaUrls.0'],
    ['no channel', { channels: [] }, 'INVALID_INPUT channels'],
    ['a channel twice', { channels: ['SMS', 'SMS'] }, 'INVALID_INPUT channels'],
    ['a channel without a provider', { channels: ['EMAIL'] }, 'CHANNEL_UNAVAILABLE channels.0'],
    ['a further channel without a provider', { channels: ['SMS', 'EMAIL'] }, 'CHANNEL_UNAVAILABLE channels.1'],
    ['a provider that is not set up', { provider: 'twilio' }, 'CHANNEL_UNAVAILABLE provider'],
    ['a fallback without a second channel', { fallbackAfterSeconds: 60 }, 'INVALID_INPUT fallbackAfterSeconds'],
    ['a fallback at once', { channels: ['WHATSAPP', 'SMS'], fallbackAfterSeconds: 0 }, 'INVALID_INPUT fallbackAfterSeconds'],
    ['a fallback after eight days', { channels: ['WHATSAPP', 'SMS'], fallbackAfterSeconds: 691_200 }, 'INVALID_INPUT fallbackAfterSeconds'],
    ['a time two years ahead', { sendAt: inSeconds(2 * 366 * 86_400) }, 'INVALID_INPUT sendAt'],
    ['a validity that is over', { expiresAt: inSeconds(-1) }, 'INVALID_INPUT expiresAt'],
    ['a validity that ends before it is sent', { sendAt: inSeconds(60), expiresAt: inSeconds(30) }, 'INVALID_INPUT expiresAt'],
    ['a topic with spaces', { topic: 'my orders' }, 'INVALID_INPUT topic'],
    ['an empty reference', { reference: '' }, 'INVALID_INPUT reference'],
    ['a reference of 256 characters', { reference: 'x'.repeat(256) }, 'INVALID_INPUT reference'],
    ['an empty idempotency key', { idempotencyKey: '' }, 'INVALID_INPUT idempotencyKey'],
    ['an idempotency key of 256 characters', { idempotencyKey: 'x'.repeat(256) }, 'INVALID_INPUT idempotencyKey'],
  ])('%s', async (_what, input, expected) => {
    expect(await refusal(input)).toEqual([expected]);
  });

  test('everything that is wrong with the terms, in one answer', async () => {
    const wrong = { body: '', topic: 'a b', reference: '', expiresAt: inSeconds(-60), channels: ['SMS', 'EMAIL'] };
    expect(await refusal(wrong)).toEqual([
      'CHANNEL_UNAVAILABLE channels.1',
      'INVALID_INPUT body',
      'INVALID_INPUT expiresAt',
      'INVALID_INPUT topic',
      'INVALID_INPUT reference',
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a number that is not text', { to: 14155550100 }],
    ['a channel that does not exist', { channels: ['PIGEON'] }],
    ['a language that is no tag', { language: 'no such tag' }],
    ['a time without a zone', { sendAt: '2030-01-01' }],
    ['a field that does not exist', { from: '+14155550199' }],
    ['a reference that no database can hold', { reference: 'a\u0000b' }],
    ['no input', null as never],
  ])('input of another shape: %s', async (_what, input) => {
    const answer = await run.api.execute(SEND, { input: input && { to: NUMBER, body: 'Hello', ...input } });
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(answer.data ?? null).toBeNull();
  });

  test('and nothing of all this was stored, queued or sent', async () => {
    expect(await footprint(run)).toEqual(untouched);
  });
});

async function change(api: TestApi, input: Record<string, unknown>): Promise<void> {
  const { updateTenant } = await api.mutate(
    'mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { message } } }',
    { input },
  );
  expect(updateTenant.userErrors).toEqual([]);
}

/** What `sendMessage` says to it, and what was stored by then. */
async function refusalWithWords(api: TestApi, input: Record<string, unknown>) {
  const before = await footprint(run);
  const { sendMessage } = await api.mutate(SEND, { input: { body: 'Hello', ...input } });
  expect(sendMessage.message).toBeNull();
  expect(await footprint(run)).toEqual(before);
  return sendMessage.userErrors;
}

describe('a number', () => {
  test('a landline on WhatsApp is accepted: it may be registered there', async () => {
    await given.session(run, [LANDLINE]);
    const { sendMessage } = await run.api.mutate(SEND, {
      input: { to: LANDLINE, body: 'Hello', channels: ['WHATSAPP'], sendAt: inSeconds(600) },
    });
    expect(sendMessage).toMatchObject({ message: { to: LANDLINE }, userErrors: [] });
  });

  test('of a country that the tenant does not allow is refused', async () => {
    expect(await refusalWithWords(saudi, { to: '+14155550100' })).toEqual([
      { code: 'COUNTRY_NOT_ALLOWED', message: 'This tenant does not send to US.', field: ['to'] },
    ]);
    expect(await refusalWithWords(saudi, { to: '+447911123456', channels: ['WHATSAPP'] })).toMatchObject([
      { code: 'COUNTRY_NOT_ALLOWED', field: ['to'] },
    ]);
  });

  test('of such a country is rejected from a bulk send, and the others go out', async () => {
    const recipients = [{ to: '0501234567' }, { to: '+14155550100' }];
    const input = { name: 'Abroad', body: 'Hello', recipients, sendAt: inSeconds(600) };
    const { sendBulk } = await saudi.mutate(SEND_BULK, { input });
    expect(sendBulk).toMatchObject({
      batch: { total: 2, rejected: 1 },
      rejected: [{ index: 1, code: 'COUNTRY_NOT_ALLOWED' }],
      userErrors: [],
    });
  });

  test('that is a landline is refused for SMS, in words that say so', async () => {
    expect(await refusalWithWords(saudi, { to: '0112345678' })).toEqual([
      { code: 'INVALID_PHONE_NUMBER', message: 'The number is a landline, which does not receive SMS.', field: ['to'] },
    ]);
  });

  test('is found again however it is typed', async () => {
    const { id } = await given.scheduled(saudi, { to: '0501234599' });
    const find = async (to: string) =>
      (await saudi.query('query ($to: String) { messages(filter: { to: $to }) { nodes { id } } }', { to })).messages.nodes;
    expect(await find('+966 50 123 4599')).toEqual([{ id }]);
    expect(await find('٠٥٠١٢٣٤٥٩٩')).toEqual([{ id }]);
    expect(await find('0501234598')).toEqual([]);
    expect(await find('not a number')).toEqual([]);
  });

  test.each([
    ['in full', '+966501234567'],
    ['with a leading 0', '0501234567'],
    ['with 00', '00966501234567'],
    ['in Arabic-Indic digits', '٠٥٠١٢٣٤٥٦٧'],
    ['in Arabic-Indic digits with 00', '٠٠٩٦٦٥٠١٢٣٤٥٦٧'],
    ['with spaces and hyphens', ' 050 123-45 67 '],
    ['with marks of direction', '\u202a+966 50 123 4567\u202c'],
    ['without anything in front', '501234567'],
  ])('typed %s is the same one', async (_how, to) => {
    expect(await given.scheduled(saudi, { to })).toMatchObject({ to: '+966501234567' });
  });

  test('of another allowed country needs its calling code', async () => {
    expect(await given.scheduled(saudi, { to: '00971501234567' })).toMatchObject({ to: '+971501234567' });
  });
});

describe('messaging', () => {
  test('that the tenant has switched off refuses to send, and says where it is switched on', async () => {
    const { admin } = await run.withTenant('quiet');
    await change(admin, { messagingEnabled: false });
    expect(await refusalWithWords(admin, { to: '+14155550100' })).toEqual([
      { code: 'CHANNEL_UNAVAILABLE', message: 'Messaging is switched off for this tenant (updateTenant, messagingEnabled).', field: [] },
    ]);
    await change(admin, { messagingEnabled: true });
    expect(await given.delivered(admin)).toMatchObject({ status: 'DELIVERED' });
  });

  test('that the installation has switched off refuses everybody, bulk sends too', async () => {
    const off = await startTestApp({ MESSAGING_ENABLED: 'false' });
    const message = 'Messaging is switched off on this server (MESSAGING_ENABLED=false).';
    const before = await footprint(off);
    const one = await off.api.mutate(SEND, { input: { to: '+14155550100', body: 'Hello', idempotencyKey: 'off' } });
    const bulk = await off.api.mutate(SEND_BULK, {
      input: { name: 'Off', body: 'Hello', recipients: [{ to: '+14155550100' }], idempotencyKey: 'off' },
    });
    const userErrors = [{ code: 'CHANNEL_UNAVAILABLE', message, field: [] }];
    expect(one.sendMessage).toEqual({ message: null, duplicate: false, userErrors });
    expect(bulk.sendBulk).toEqual({ batch: null, rejected: [], userErrors });
    expect(await footprint(off)).toEqual(before);
    await off.stop();
  });
});
