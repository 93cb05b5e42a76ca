import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { given, inSeconds, messageIn, readMessage } from '../../support/given.js';
import { hears } from '../../support/incoming.js';
import { SEND, SEND_BULK, WITHDRAW_CONSENT } from '../../support/operations.js';
import { footprint, rowsOf } from '../../support/stored.js';
import type { TestTenant } from '../../support/tenants.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
let clinic: TestTenant;
let number: string;
let last = 0;
beforeAll(async () => {
  run = await startTestApp();
  clinic = await run.withTenant('clinic');
});
afterAll(() => run.stop());
/** Somebody new for each test. */
beforeEach(() => void (number = `+1415555${String(1000 + last++)}`));

type Input = Record<string, unknown>;

const sendTo = async (to: string, input: Input = {}) =>
  (await clinic.admin.mutate(SEND, { input: { to, body: 'Hello', ...input } })).sendMessage;

/** What others have sent may still be on its way; what goes out has a row. */
const stored = async (): Promise<unknown[]> => {
  const { messages, batches, idempotency_keys: keys } = await footprint(run);
  return [messages, batches, keys];
};

/** The code and field of the refusal; nothing was stored, and so nothing goes out. */
async function refusal(input: Input): Promise<[string, string[]]> {
  const before = await stored();
  const { message, userErrors } = await sendTo(number, { idempotencyKey: number, ...input });
  expect([message, userErrors.length, await stored()]).toEqual([null, 1, before]);
  return [userErrors[0].code, userErrors[0].field];
}

const change = async (input: Input): Promise<void> => {
  const { updateTenant } = await clinic.admin.mutate(
    'mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { message } } }',
    { input },
  );
  expect(updateTenant.userErrors).toEqual([]);
};

const withdraw = async (categories: string[], channels = ['SMS']): Promise<void> => {
  const contact = await given.contact(clinic.admin, { phone: number });
  const { withdrawConsent } = await clinic.admin.mutate(WITHDRAW_CONSENT, {
    input: { contact: { id: contact.id }, channels, categories },
  });
  expect(withdrawConsent.userErrors).toEqual([]);
};

const prefer = async (topic: string, enabled: boolean): Promise<void> => {
  const contact = await given.contact(clinic.admin, { phone: number });
  const { setPreferences } = await clinic.admin.mutate(
    'mutation ($input: SetPreferencesInput!) { setPreferences(input: $input) { userErrors { message } } }',
    { input: { contact: { id: contact.id }, preferences: [{ topic, channel: 'SMS', enabled }] } },
  );
  expect(setPreferences.userErrors).toEqual([]);
};

describe('a send is refused, and nothing stored or sent,', () => {
  test('of MARKETING without consent, and goes out with it', async () => {
    expect(await refusal({ category: 'MARKETING' })).toEqual(['CONSENT_REQUIRED', ['to']]);
    await given.consent(clinic.admin, number);
    expect((await sendTo(number, { category: 'MARKETING' })).userErrors).toEqual([]);
  });

  test('of MARKETING by a channel that the consent does not cover', async () => {
    await given.consent(clinic.admin, number, { channels: ['WHATSAPP'] });
    expect(await refusal({ category: 'MARKETING' })).toEqual(['CONSENT_REQUIRED', ['to']]);
  });

  test('once the consent has expired by the time it would go out', async () => {
    await given.consent(clinic.admin, number, { expiresAt: inSeconds(3600) });
    expect((await sendTo(number, { category: 'MARKETING', sendAt: inSeconds(1800) })).userErrors).toEqual([]);
    expect(await refusal({ category: 'MARKETING', sendAt: inSeconds(7200) })).toEqual(['CONSENT_REQUIRED', ['to']]);
  });

  test.each(['UTILITY', 'MARKETING'])('of %s after its consent was withdrawn', async (category) => {
    await given.consent(clinic.admin, number, { categories: ['UTILITY', 'MARKETING'] });
    await withdraw([category]);
    expect(await refusal({ category })).toEqual(['OPTED_OUT', ['to']]);
  });

  test.each(['AUTHENTICATION', 'SERVICE'])('of %s, which needs no consent, where it was objected to', async (category) => {
    expect((await sendTo(number, { category })).userErrors).toEqual([]);
    await withdraw([category]);
    expect(await refusal({ category })).toEqual(['OPTED_OUT', ['to']]);
  });

  test('of a topic that the person does not want by this channel', async () => {
    await prefer('news', false);
    expect(await refusal({ topic: 'news' })).toEqual(['PREFERENCE_DISABLED', ['to']]);
    expect((await sendTo(number, { topic: 'visits' })).userErrors).toEqual([]);
  });

  test('of free text by WhatsApp outside of a session', async () => {
    expect(await refusal({ channels: ['WHATSAPP'] })).toEqual(['SESSION_WINDOW_CLOSED', ['body']]);
    await given.session(run, [number], clinic.admin);
    expect((await sendTo(number, { channels: ['WHATSAPP'] })).userErrors).toEqual([]);
    expect(await refusal({ channels: ['WHATSAPP'], sendAt: inSeconds(90_000) })).toEqual(['SESSION_WINDOW_CLOSED', ['body']]);
  });

  test('of free text by WhatsApp to another number than the person has written from', async () => {
    const from = number.replace('+1415555', '+1415666');
    for (const phone of [from, number]) await given.contact(clinic.admin, { phone, externalId: number });
    await hears({ ...run, api: clinic.admin }, 'Hello', { from, channel: 'WHATSAPP' });
    expect(await refusal({ channels: ['WHATSAPP'] })).toEqual(['SESSION_WINDOW_CLOSED', ['body']]);
    expect((await sendTo(from, { channels: ['WHATSAPP'] })).userErrors).toEqual([]);
  });

  test('of a tenant that implies no consent, as new ones do', async () => {
    await change({ impliedConsent: [] });
    expect(await refusal({})).toEqual(['CONSENT_REQUIRED', ['to']]);
    await change({ impliedConsent: ['UTILITY'] });
    expect((await sendTo(number)).userErrors).toEqual([]);
  });
});

describe('once only some countries are allowed', () => {
  afterAll(() => change({ allowedCountries: null }));

  test('what waits for another, or for a number of none, does not go out', async () => {
    const waiting = [];
    for (const to of [number, '+881612345678']) waiting.push((await sendTo(to, { category: 'SERVICE', sendAt: inSeconds(2) })).message);
    await change({ allowedCountries: ['SA'] });
    for (const { id } of waiting) expect(await messageIn(clinic.admin, 'SUPPRESSED', id)).toMatchObject({ attempts: 0, sentAt: null });
  });
});

describe('a frequency cap', () => {
  beforeAll(() => change({ frequencyCaps: [{ category: 'SERVICE', max: 2, perSeconds: 3600 }] }));
  afterAll(() => change({ frequencyCaps: [] }));

  test('refuses what is one too many for the person, and nobody else', async () => {
    for (const _ of [1, 2]) expect((await sendTo(number, { category: 'SERVICE' })).userErrors).toEqual([]);
    expect(await refusal({ category: 'SERVICE' })).toEqual(['RATE_LIMITED', ['to']]);
    expect((await sendTo('+14155559999', { category: 'SERVICE' })).userErrors).toEqual([]);
    expect((await sendTo(number)).userErrors).toEqual([]);
  });

  test('counts what is planned near that time, and what comes twice in a bulk send', async () => {
    expect((await sendTo(number, { category: 'SERVICE', sendAt: inSeconds(7200) })).userErrors).toEqual([]);
    const { sendBulk } = await clinic.admin.mutate(SEND_BULK, {
      input: { name: 'Twice', body: 'Hi', category: 'SERVICE', sendAt: inSeconds(6000), recipients: [{ to: number }, { to: number }] },
    });
    expect(sendBulk.rejected).toMatchObject([{ index: 1, code: 'RATE_LIMITED' }]);
    expect((await sendTo(number, { category: 'SERVICE' })).userErrors).toEqual([]);
  });
});

describe('quiet hours', () => {
  const clock = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  beforeAll(() => change({ quietHours: { start: clock(-2), end: clock(2), categories: ['UTILITY'] } }));
  afterAll(() => change({ quietHours: null }));

  test('let a message wait for their end, and say so', async () => {
    const { message } = await sendTo(number);
    expect(message).toMatchObject({ status: 'SCHEDULED', sentAt: null });
    expect(new Date(message.scheduledFor).getTime() - Date.now()).toBeGreaterThan(119 * 60_000);
    const { explanation } = await readMessage(clinic.admin, message.id);
    expect(explanation.checks.find(({ rule }: any) => rule === 'QUIET_HOURS')).toMatchObject({
      passed: false,
      detail: expect.stringContaining('UTC until'),
    });
    expect(explanation.nextActionAt).toBe(message.nextAttemptAt);
  });

  test('are those of where the person lives', async () => {
    await given.contact(clinic.admin, { phone: number, timeZone: 'Pacific/Honolulu' });
    const { message } = await sendTo(number);
    expect(await messageIn(clinic.admin, 'DELIVERED', message.id)).toMatchObject({ scheduledFor: null });
  });

  test('refuse what would come too late', async () => {
    expect(await refusal({ expiresAt: inSeconds(3600) })).toEqual(['QUIET_HOURS', ['expiresAt']]);
    expect((await sendTo(number, { expiresAt: inSeconds(3 * 3600) })).message.status).toBe('SCHEDULED');
  });

  test('choose the channel that is open when they are over', async () => {
    const contact = await given.consent(clinic.admin, number, { channels: ['SMS', 'WHATSAPP'], categories: ['UTILITY'] });
    await given.session(run, [number], clinic.admin);
    const ends = (at: string): Promise<unknown> =>
      rowsOf(run, `update conversations set session_expires_at = '${at}' where contact_id = '${contact.id}'`);
    await ends(inSeconds(3600));
    expect((await sendTo(number, { channels: ['WHATSAPP', 'SMS'] })).message).toMatchObject({ status: 'SCHEDULED', channel: 'SMS' });
    expect(await refusal({ channels: ['WHATSAPP'] })).toEqual(['SESSION_WINDOW_CLOSED', ['body']]);
    await ends(inSeconds(3 * 3600));
    expect((await sendTo(number, { channels: ['WHATSAPP'] })).message).toMatchObject({ status: 'SCHEDULED', channel: 'WHATSAPP' });
  });

  test('refuse what the consent will not cover when they are over', async () => {
    await change({ impliedConsent: [] });
    await given.consent(clinic.admin, number, { categories: ['UTILITY'], expiresAt: inSeconds(3600) });
    expect(await refusal({})).toEqual(['CONSENT_REQUIRED', ['to']]);
    await change({ impliedConsent: ['UTILITY'] });
  });

  describe('where a frequency cap allows one in an hour', () => {
    beforeAll(() => change({ frequencyCaps: [{ category: 'UTILITY', max: 1, perSeconds: 3600 }] }));
    afterAll(() => change({ frequencyCaps: [] }));

    test('refuse a second message for the time when they are over', async () => {
      expect((await sendTo(number)).message.status).toBe('SCHEDULED');
      expect(await refusal({})).toEqual(['RATE_LIMITED', ['to']]);
      const input = { name: 'Second', body: 'Hi', recipients: [{ to: number }] };
      expect((await clinic.admin.mutate(SEND_BULK, { input })).sendBulk.rejected).toMatchObject([{ index: 0, code: 'RATE_LIMITED' }]);
    });

    test('take one although another went out before, for then that is long ago', async () => {
      const livesIn = (timeZone: string) => given.contact(clinic.admin, { phone: number, timeZone });
      await livesIn('Pacific/Honolulu');
      await messageIn(clinic.admin, 'DELIVERED', (await sendTo(number)).message.id);
      expect(await refusal({})).toEqual(['RATE_LIMITED', ['to']]);
      await livesIn('UTC');
      expect((await sendTo(number)).message.status).toBe('SCHEDULED');
    });
  });

  test('leave other categories alone, and what is to go out after them', async () => {
    const { message } = await sendTo(number, { category: 'SERVICE' });
    await messageIn(clinic.admin, 'DELIVERED', message.id);
    const sendAt = inSeconds(4 * 3600);
    expect((await sendTo(number, { sendAt })).message.scheduledFor).toBe(sendAt);
  });
});

describe('of several channels', () => {
  const BOTH = { channels: ['SMS', 'WHATSAPP'] };

  test('one that the person has left is passed over', async () => {
    await given.session(run, [number], clinic.admin);
    await withdraw(['UTILITY']);
    const { message } = await sendTo(number, BOTH);
    await messageIn(clinic.admin, 'READ', message.id);
    expect(message).toMatchObject({ channel: 'WHATSAPP' });
  });

  test('none is left where all are closed, and the first is told', async () => {
    await withdraw(['UTILITY']);
    expect(await refusal(BOTH)).toEqual(['OPTED_OUT', ['to']]);
    expect(await refusal({ channels: ['WHATSAPP', 'SMS'] })).toEqual(['SESSION_WINDOW_CLOSED', ['body']]);
  });
});

test('a bulk send and its forecast tell for each recipient why not, and the others are accepted', async () => {
  const others = [1, 2].map(() => `+1415555${String(1000 + last++)}`);
  await withdraw(['MARKETING']);
  await given.consent(clinic.admin, others[1]);
  const recipients = [number, ...others].map((to) => ({ to }));
  const input = { name: 'Sale', body: 'Hi', category: 'MARKETING', recipients };
  const expected = [
    { index: 0, to: number, code: 'OPTED_OUT' },
    { index: 1, to: others[0], code: 'CONSENT_REQUIRED' },
  ];
  const { forecastBulk } = await clinic.admin.query(
    'query ($input: SendBulkInput!) { forecastBulk(input: $input) { deliverable rejected { index to code } } }',
    { input },
  );
  expect(forecastBulk).toEqual({ deliverable: 1, rejected: expected });
  const { sendBulk } = await clinic.admin.mutate(SEND_BULK, { input });
  expect([sendBulk.rejected, sendBulk.batch.total]).toMatchObject([expected, 3]);
});

test('an explanation tells every rule, with both times', async () => {
  await given.consent(clinic.admin, number);
  const { message } = await sendTo(number, { category: 'MARKETING' });
  const { explanation, createdAt, events } = await messageIn(clinic.admin, 'DELIVERED', message.id);
  const claimed = events.find(({ status }: any) => status === 'SENDING').at;
  const consents = explanation.checks.filter(({ rule }: any) => rule === 'CONSENT');
  expect(consents).toEqual([createdAt, claimed].map((at) => ({ rule: 'CONSENT', passed: true, detail: 'Granted.', at })));
  expect(explanation.checks).toHaveLength(20);
});
