import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POLICY_RULES } from '../../../src/consent/policy-gate.js';
import { given, inSeconds } from '../../support/given.js';
import { hears } from '../../support/incoming.js';
import { SEND, WITHDRAW_CONSENT } from '../../support/operations.js';
import { footprint, rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const CHECK = `query ($input: SendCheckInput!) {
  checkSend(input: $input) { allowed reasons { code message field } checks { rule passed detail at } notBefore }
}`;
const NUMBER = '+14155550177';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

const check = async (input: object = {}): Promise<any> =>
  (await run.api.query(CHECK, { input: { contact: { phone: NUMBER }, channel: 'SMS', category: 'UTILITY', ...input } })).checkSend;
const codes = ({ reasons }: any): string[] => reasons.map(({ code }: any) => code);

describe('checkSend', () => {
  test('tells every rule, and stores and sends nothing', async () => {
    const untouched = await footprint(run);
    const { allowed, reasons, checks, notBefore } = await check();
    expect({ allowed, reasons, notBefore }).toEqual({ allowed: true, reasons: [], notBefore: null });
    expect(checks.map(({ rule, passed }: any) => [rule, passed])).toEqual(POLICY_RULES.map((rule) => [rule, true]));
    expect(checks.find(({ rule }: any) => rule === 'CONSENT').detail).toBe("Implied by the tenant's settings.");
    expect(await footprint(run)).toEqual(untouched);
    expect(await rowsOf(run, 'select id from contacts')).toEqual([]);
  });

  test('tells all that forbids, the first as a send would be told', async () => {
    await given.contact(run.api, { externalId: 'left', phone: NUMBER });
    await run.api.mutate(WITHDRAW_CONSENT, { input: { contact: { externalId: 'left' }, channels: ['WHATSAPP'], categories: ['UTILITY'] } });
    const input = { contact: { externalId: 'left' }, channel: 'WHATSAPP' };
    const answer = await check(input);
    expect([answer.allowed, codes(answer)]).toEqual([false, ['OPTED_OUT', 'OPTED_OUT', 'SESSION_WINDOW_CLOSED']]);
    expect(codes(await check({ ...input, withTemplate: true }))).toEqual(['OPTED_OUT', 'OPTED_OUT']);
    const { sendMessage } = await run.api.mutate(SEND, { input: { externalId: 'left', body: 'Hello', channels: ['WHATSAPP'] } });
    expect(sendMessage.userErrors[0].code).toBe(codes(answer)[0]);
  });

  test('says when quiet hours end', async () => {
    const clock = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    // Once: the minute may be another one below.
    const [start, end] = [clock(-1), clock(1)];
    const quiet = JSON.stringify({ start, end, categories: ['UTILITY'] });
    await rowsOf(run, `update tenants set quiet_hours = '${quiet}' where slug = 'demo'`);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const answer = await check();
    expect([answer.allowed, codes(answer)]).toEqual([false, ['QUIET_HOURS']]);
    expect(new Date(answer.notBefore).toISOString().slice(11, 16)).toBe(end);
    expect(await check({ at: inSeconds(7200) })).toMatchObject({ allowed: true, notBefore: null });
    expect((await check({ category: 'SERVICE' })).allowed).toBe(true);
  });

  test('of a number of no country says no where only some countries are allowed, as a send is told', async () => {
    const { admin } = await run.withTenant('local');
    await admin.mutate('mutation { updateTenant(input: { allowedCountries: ["SA"] }) { userErrors { code } } }');
    const [phone, category] = ['+881612345678', 'SERVICE'];
    const { checkSend } = await admin.query(CHECK, { input: { contact: { phone }, channel: 'SMS', category } });
    const { sendMessage } = await admin.mutate(SEND, { input: { to: phone, body: 'Hello', category } });
    expect([checkSend.allowed, codes(checkSend)]).toEqual([false, ['COUNTRY_NOT_ALLOWED']]);
    expect(sendMessage.userErrors[0].code).toBe('COUNTRY_NOT_ALLOWED');
  });

  test('has a reason for a person without a number too', async () => {
    await given.contact(run.api, { externalId: 'mail', email: 'mail@example.org' });
    expect(await check({ contact: { externalId: 'mail' } })).toMatchObject({
      allowed: false,
      reasons: [{ code: 'INVALID_INPUT', field: ['contact'] }],
    });
  });

  test.each([
    ['somebody nobody knows', { contact: { externalId: 'nobody' } }, 'NOT_FOUND'],
    ['a number that is none', { contact: { phone: '12' } }, 'INVALID_PHONE_NUMBER'],
    ['nobody', { contact: {} }, 'INVALID_INPUT'],
    ['a channel that nobody serves', { channel: 'EMAIL' }, 'CHANNEL_UNAVAILABLE'],
    ['a time in two years', { at: inSeconds(2 * 366 * 86_400) }, 'INVALID_INPUT'],
    ['a landline', { contact: { phone: '+966112345678' } }, 'INVALID_PHONE_NUMBER'],
    ['a topic that is none', { topic: 'a topic' }, 'INVALID_INPUT'],
  ])('has a reason for %s too', async (_what, input, code) => {
    expect(await check(input)).toMatchObject({ allowed: false, reasons: [{ code }], checks: [] });
  });
});

describe('checkSend of one of several numbers of a person tells what a send to it is told', () => {
  const both = async (phone: string, channel: string): Promise<boolean[]> => {
    const { allowed } = await check({ contact: { phone }, category: 'SERVICE', channel });
    const input = { to: phone, body: 'Hello', category: 'SERVICE', channels: [channel] };
    const { sendMessage } = await run.api.mutate(SEND, { input });
    return [allowed, sendMessage.userErrors.length === 0];
  };
  const known = async (externalId: string, ...phones: string[]): Promise<void> => {
    for (const phone of phones) await given.contact(run.api, { externalId, phone });
  };

  test('when they have objected there', async () => {
    const [first, second] = ['+14155550311', '+14155550312'];
    await hears(run, 'STOP', { from: first });
    await known('stopped', first, second);
    expect(await both(first, 'SMS')).toEqual([false, false]);
    expect(await both(second, 'SMS')).toEqual([true, true]);
  });

  test('when they have written from there by WhatsApp', async () => {
    const [first, second] = ['+14155550321', '+14155550322'];
    await hears(run, 'Hello', { from: first, channel: 'WHATSAPP' });
    await known('writes', first, second);
    expect(await both(first, 'WHATSAPP')).toEqual([true, true]);
    expect(await both(second, 'WHATSAPP')).toEqual([false, false]);
  });

  test('when the other is a landline', async () => {
    await known('landline', '+14155550331', '+966112345678');
    expect(await both('+14155550331', 'SMS')).toEqual([true, true]);
  });
});
