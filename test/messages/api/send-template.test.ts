import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, NUMBER } from '../../support/given.js';
import { SEND } from '../../support/operations.js';
import { footprint } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ENABLE, PUBLISH, saved } from '../../support/templates.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  const translations = [
    { language: 'en', body: 'Demo: {{ name }}, see you {{ at | date }} at {{ at | time }}.{% if note %} {{ note }}{% endif %}' },
    { language: 'ar', body: 'Demo: {{ name }}، نراك {{ at | date }} الساعة {{ at | time }}.' },
  ];
  await saved(run.api, { code: 'visit', topic: 'visits', channels: ['SMS', 'WHATSAPP'], translations, publish: true });
});
afterAll(() => run.stop());

const VISIT = { template: 'visit', variables: { name: 'Layla', at: '2026-12-01T14:30:00Z' }, body: null };
const WITH_TEMPLATE = `query ($id: ID!) { message(id: $id) { body template { code name } templateVersion language topic category } }`;

const sent = async (input: object): Promise<any> => {
  const { id } = await given.message(run.api, { ...VISIT, ...input });
  return (await run.api.query(WITH_TEMPLATE, { id })).message;
};
const refusal = async (input: object): Promise<any> => {
  const before = await footprint(run);
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: NUMBER, ...VISIT, ...input } });
  expect(sendMessage.message).toBeNull();
  expect(await footprint(run)).toEqual(before);
  return sendMessage.userErrors;
};

describe('sendMessage with a template', () => {
  test('sends its text, filled in, and remembers where it came from', async () => {
    const message = await sent({});
    expect(message.body).toBe('Demo: Layla, see you December 1, 2026 at 2:30 PM.');
    expect(message).toMatchObject({ template: { code: 'visit', name: 'Visit' }, templateVersion: 1, language: 'en', topic: 'visits' });
  });

  test.each([
    ['ar-SA', 'ar', 'نراك 1 ديسمبر 2026 الساعة 2:30 م'],
    ['fr', 'en', 'see you December 1, 2026'],
    [null, 'en', 'see you'],
  ])('in %s sends the text in %s', async (language, written, part) => {
    const message = await sent({ language });
    expect(message.language).toBe(written);
    expect(message.body).toContain(part);
  });

  test("writes in the tenant's language to whom nothing else is known of", async () => {
    const { admin } = await run.withTenant('jeddah');
    await admin.mutate('mutation { updateTenant(input: { defaultLanguage: "ar-SA", impliedConsent: [UTILITY] }) { userErrors { code } } }');
    expect((await admin.query('{ viewer { tenant { defaultLanguage } } }')).viewer.tenant.defaultLanguage).toBe('ar-SA');
    const input = { template: 'results_ready', variables: { link: 'https://example.com' }, body: null };
    expect(await given.message(admin, input)).toMatchObject({ language: 'ar', body: expect.stringContaining('نتائجك جاهزة') });
  });

  test("writes dates in the tenant's zone", async () => {
    const riyadh = await run.withTenant('riyadh');
    await riyadh.admin.mutate(
      'mutation { updateTenant(input: { timeZone: "Asia/Riyadh", impliedConsent: [UTILITY] }) { userErrors { code } } }',
    );
    await saved(riyadh.admin, { code: 'visit', body: 'riyadh: {{ at | time }}', publish: true });
    expect((await given.message(riyadh.admin, VISIT)).body).toBe('riyadh: 5:30 PM');
  });

  test("writes to a contact in the contact's language and zone, unless the send names another language", async () => {
    const { id: contactId } = await given.contact(run.api, { phone: '+14155550177', language: 'ar', timeZone: 'Asia/Dubai' });
    expect(await sent({ to: null, contactId })).toMatchObject({ language: 'ar', body: expect.stringContaining('الساعة 6:30 م') });
    expect(await sent({ to: null, contactId, language: 'en' })).toMatchObject({ language: 'en', body: expect.stringContaining('6:30 PM') });
  });

  test.each([null, undefined])('%s for the sender stands for the name of the tenant', async (sender) => {
    await saved(run.api, { code: 'greeting', body: '{{ sender }}: hello', publish: true });
    expect((await sent({ template: 'greeting', variables: { sender } })).body).toBe('Demo: hello');
    expect((await sent({ template: 'greeting', variables: { sender: 'Noor' } })).body).toBe('Noor: hello');
  });

  test('leaves out what is optional and not given', async () => {
    expect((await sent({ variables: { ...VISIT.variables, note: 'Bring your card.' } })).body).toContain('PM. Bring your card.');
  });

  test("takes the template's category, and the caller's topic before the template's", async () => {
    await saved(run.api, { code: 'code_sent', category: 'AUTHENTICATION', topic: 'login', body: 'Demo: {{ code }}', publish: true });
    const input = { template: 'code_sent', variables: { code: '123456' }, category: 'UTILITY' };
    expect(await sent(input)).toMatchObject({ category: 'AUTHENTICATION', topic: 'login' });
    expect(await sent({ ...input, topic: 'vip' })).toMatchObject({ category: 'AUTHENTICATION', topic: 'vip' });
  });

  test('counts the segments of the filled-in text', async () => {
    expect(await given.message(run.api, { ...VISIT, language: 'ar' })).toMatchObject({ encoding: 'UCS2', segments: 1 });
    const variables = { ...VISIT.variables, name: 'L'.repeat(160) };
    expect(await given.message(run.api, { ...VISIT, variables })).toMatchObject({ encoding: 'GSM7', segments: 2 });
  });

  test('takes 16,000 characters of variables as JSON, whatever the tenant is called', async () => {
    const variables = { ...VISIT.variables, more: '' };
    variables.more = 'x'.repeat(16_000 - JSON.stringify(variables).length);
    expect((await sent({ variables })).body).toContain('Layla');
  });

  test.each<[string, object, string, string[]]>([
    ['a variable is missing', { variables: { name: 'Layla' } }, 'TEMPLATE_VARIABLE_MISSING', ['variables', 'at']],
    ['a variable is null', { variables: { name: null, at: '2026-12-01' } }, 'TEMPLATE_VARIABLE_MISSING', ['variables', 'name']],
    ['a date is none', { variables: { name: 'Layla', at: 'soon' } }, 'INVALID_INPUT', ['variables', 'at']],
    ['a text becomes too long', { variables: { ...VISIT.variables, name: 'L'.repeat(1600) } }, 'INVALID_INPUT', ['variables']],
    ['the variables are too large', { variables: { ...VISIT.variables, more: 'x'.repeat(16_000) } }, 'INVALID_INPUT', ['variables']],
    ['there is no such template', { template: 'nowhere' }, 'TEMPLATE_NOT_FOUND', ['template']],
    ['a body is given as well', { body: 'Hello' }, 'INVALID_INPUT', ['body']],
    ['the template is not for the channel', { channels: ['SMS', 'EMAIL'] }, 'CHANNEL_UNAVAILABLE', ['channels', '1']],
  ])('stores nothing when %s', async (_what, input, code, field) => {
    expect(await refusal(input)).toMatchObject([{ code, field }]);
  });

  test('names every variable that is missing', async () => {
    const errors = await refusal({ variables: {} });
    expect(errors.map(({ field }: any) => field[1])).toEqual(['name', 'at']);
  });

  test('does not repeat the values in what it says', async () => {
    const [{ message }] = await refusal({ variables: { name: 'Layla', at: 'in May, for HIV' } });
    expect(message).not.toContain('HIV');
  });

  test('refuses variables without a template', async () => {
    expect(await refusal({ template: null, body: 'Hello {{ name }}' })).toMatchObject([{ code: 'INVALID_INPUT', field: ['variables'] }]);
  });

  test('uses another version from the moment it is published, and an older one from the moment it is back', async () => {
    const one = await saved(run.api, { code: 'changing', body: 'Demo: one', publish: true });
    const input = { template: one.code, variables: null };
    expect(await sent(input)).toMatchObject({ body: 'Demo: one', templateVersion: 1 });
    await saved(run.api, { code: 'changing', body: 'Demo: two', publish: true });
    expect(await sent(input)).toMatchObject({ body: 'Demo: two', templateVersion: 2 });
    await run.api.mutate(PUBLISH, { code: 'changing', version: 1 });
    expect(await sent(input)).toMatchObject({ body: 'Demo: one', templateVersion: 1 });
  });

  test('refuses a draft, and a template from the moment it is disabled', async () => {
    await saved(run.api, { code: 'unfinished', body: 'Demo: draft' });
    expect(await refusal({ template: 'unfinished' })).toMatchObject([{ code: 'TEMPLATE_NOT_FOUND' }]);
    await saved(run.api, { code: 'stopped', body: 'Demo: on', publish: true });
    await sent({ template: 'stopped', variables: {} });
    await run.api.mutate(ENABLE, { code: 'stopped', enabled: false });
    expect(await refusal({ template: 'stopped' })).toMatchObject([
      { code: 'TEMPLATE_NOT_FOUND', message: expect.stringContaining('disabled') },
    ]);
  });

  test("cannot send another tenant's", async () => {
    const rival = await run.withTenant('rival');
    const { sendMessage } = await rival.admin.mutate(SEND, { input: { to: NUMBER, ...VISIT } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'TEMPLATE_NOT_FOUND' }]);
  });
});
