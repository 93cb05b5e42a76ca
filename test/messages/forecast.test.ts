import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, inSeconds } from '../support/given.js';
import { SEND_BULK } from '../support/operations.js';
import { footprint } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numbers } from '../support/upload.js';

const FORECAST = `query ($input: SendBulkInput!) {
  forecastBulk(input: $input) {
    recipients deliverable rejected { index to code message } segments encoding cost { amount currency } durationSeconds
  }
}`;

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({
    ROLES: 'api',
    PROVIDER_MESSAGES_PER_SECOND: '10',
    MESSAGING_MOCK_MODE: 'false',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'x',
    TWILIO_FROM_NUMBER: '+15005550006',
    TWILIO_API_BASE_URL: 'http://127.0.0.1:9',
    PROVIDER_PRICES: 'twilio SMS SA 0.05 USD, twilio SMS GB 0.04 GBP',
  });
});
afterAll(() => run.stop());

const inputOf = (input: Record<string, unknown>) => ({
  input: { name: 'Sale', body: 'Hello', recipients: [{ to: '+14155550101' }], ...input },
});
const forecast = async (input: Record<string, unknown>) => (await run.api.query(FORECAST, inputOf(input))).forecastBulk;
const to = (...all: string[]) => all.map((number) => ({ to: number }));

describe('forecastBulk', () => {
  test('tells what sendBulk would do, and stores and sends nothing', async () => {
    const untouched = await footprint(run);
    const recipients = [...to('+14155550101', 'nobody'), { to: '+14155550102', reference: 'x'.repeat(256) }, ...to(...numbers(24))];
    const { rejected, ...rest } = await forecast({ recipients, body: 'é'.repeat(161), idempotencyKey: 'k' });
    expect(rest).toEqual({
      recipients: 27,
      deliverable: 25,
      segments: 50,
      encoding: 'GSM7',
      durationSeconds: 3,
      cost: { amount: '0.415', currency: 'USD' },
    });
    expect(await footprint(run)).toEqual(untouched);
    const { sendBulk } = await run.api.mutate(SEND_BULK, inputOf({ recipients, body: 'é'.repeat(161) }));
    expect(rejected).toEqual(sendBulk.rejected);
  });

  test.each<[string, Record<string, unknown>, string | null]>([
    ['a price of the operator', { recipients: to('+966500000001', '+14155550101') }, '0.0583'],
    ['a price that nobody knows', { recipients: to('+14155550101', '+919812345678') }, null],
    ['prices in two currencies', { recipients: to('+14155550101', '+447400123456') }, null],
    ['an Arabic text of three parts', { body: 'م'.repeat(140) }, '0.0249'],
    ['nobody who can be reached', { recipients: to('nobody') }, null],
  ])('of %s', async (_what, input, amount) => {
    expect((await forecast(input)).cost?.amount ?? null).toBe(amount);
  });

  test('of a channel that counts no segments', async () => {
    await given.session(run, ['+14155550101']);
    const { segments, encoding, cost } = await forecast({ channels: ['WHATSAPP'] });
    expect({ segments, encoding, cost }).toEqual({ segments: 0, encoding: null, cost: { amount: '0.005', currency: 'USD' } });
  });

  test('counts those beyond maxCost as rejected', async () => {
    const { deliverable, rejected, cost } = await forecast({ recipients: to(...numbers(5)), maxCost: '0.025' });
    expect({ deliverable, cost }).toEqual({ deliverable: 3, cost: { amount: '0.0249', currency: 'USD' } });
    expect(rejected.map(({ index, code }: any) => [index, code])).toEqual([
      [3, 'BUDGET_EXCEEDED'],
      [4, 'BUDGET_EXCEEDED'],
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['without a text', { body: '' }, 'INVALID_INPUT body'],
    ['without recipients', { recipients: [] }, 'INVALID_INPUT recipients'],
    ['with a ceiling below nothing', { maxCost: '-1' }, 'INVALID_INPUT maxCost'],
    ['two years ahead', { sendAt: inSeconds(2 * 366 * 86_400) }, 'INVALID_INPUT sendAt'],
    ['over a channel without a provider', { channels: ['EMAIL'] }, 'CHANNEL_UNAVAILABLE channels.0'],
  ])('refuses what sendBulk refuses as a whole: %s', async (_what, input, expected) => {
    const { code, errors } = await run.api.execute(FORECAST, inputOf(input));
    expect(code).toBe('BAD_USER_INPUT');
    const refusals = errors?.[0]?.extensions['userErrors'] as any[];
    expect(refusals.map(({ code: why, field }) => `${why} ${field.join('.')}`)).toEqual([expected]);
  });

  test('is for those who may send', async () => {
    const { viewer, sender } = await run.withTenant('forecast-rights');
    expect((await viewer.execute(FORECAST, inputOf({}))).code).toBe('FORBIDDEN');
    expect((await sender.query(FORECAST, inputOf({}))).forecastBulk.deliverable).toBe(1);
  });
});
