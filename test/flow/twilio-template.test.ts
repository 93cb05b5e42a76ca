import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, inSeconds, messageIn } from '../support/given.js';
import { SEND } from '../support/operations.js';
import { saved } from '../support/templates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTwilioServer, type TwilioServer } from '../support/twilio-server.js';

const CONTENT = `HX${'a'.repeat(32)}`;

let twilio: TwilioServer;
let run: TestApp;
beforeAll(async () => {
  twilio = await startTwilioServer();
  run = await startTestApp({
    ...twilio.settings,
  });
  const approved = { twilio: { contentSid: CONTENT, variables: ['name', 'at | date'] } };
  const body = 'Demo: {{ name }}, see you {{ at | date }}.';
  const translations = [{ language: 'en', body, providerRefs: approved }];
  await saved(run.api, { code: 'approved', channels: ['WHATSAPP', 'SMS'], translations, publish: true });
  const metas = [{ language: 'en', body, providerRefs: { whatsapp: { template: 'visit' } } }];
  await saved(run.api, { code: 'metas', channels: ['WHATSAPP', 'SMS'], translations: metas, publish: true });
  await saved(run.api, { code: 'unknown', channels: ['WHATSAPP', 'SMS'], body, publish: true });
});
afterAll(async () => {
  await run.stop();
  await twilio.close();
});

const input = (template: string, channels: string[]) => ({
  to: '+14155550123',
  template,
  channels,
  body: null,
  variables: { name: 'Layla', at: '2026-12-01' },
});
const formOf = (index: number) => Object.fromEntries(twilio.requests.filter(({ form }) => form.get('To'))[index]?.form ?? []);

const LONG = 'x'.repeat(1601);
const refusalOf = async (asked: object) => (await run.api.mutate(SEND, { input: asked })).sendMessage.userErrors;

describe('a WhatsApp text that is longer than Twilio takes', () => {
  test('is refused when it is sent', async () => {
    const text = { to: '+14155550123', channels: ['WHATSAPP'] };
    expect(await refusalOf({ ...text, body: LONG })).toMatchObject([{ code: 'INVALID_INPUT', field: ['body'] }]);
    expect(await refusalOf({ ...text, body: LONG, provider: 'twilio' })).toMatchObject([{ code: 'INVALID_INPUT', field: ['body'] }]);
    expect(await refusalOf({ ...text, body: LONG, provider: 'simulator' })).toMatchObject([{ code: 'SESSION_WINDOW_CLOSED' }]);
  });

  test('is refused from a template that goes out in its words, and taken from one that goes by its name', async () => {
    const variables = { name: LONG, at: '2026-12-01' };
    expect(await refusalOf({ ...input('unknown', ['WHATSAPP']), variables })).toMatchObject([
      { code: 'INVALID_INPUT', field: ['variables'] },
    ]);
    expect(await refusalOf({ ...input('approved', ['WHATSAPP']), variables, sendAt: inSeconds(3600) })).toEqual([]);
  });
});

describe('a template through Twilio', () => {
  test('goes out by WhatsApp under the name that was approved, with its variables in order', async () => {
    const { id } = await given.message(run.api, input('approved', ['WHATSAPP']));
    const { body } = await messageIn(run.api, 'SENT', id);
    expect(body).toBe('Demo: Layla, see you December 1, 2026.');
    expect(formOf(0)).toMatchObject({ ContentSid: CONTENT, ContentVariables: '{"1":"Layla","2":"December 1, 2026"}' });
    expect(formOf(0)).not.toHaveProperty('Body');
  });

  test('goes out by SMS in its words', async () => {
    const { id } = await given.message(run.api, input('approved', ['SMS']));
    await messageIn(run.api, 'SENT', id);
    expect(formOf(1)).toMatchObject({ Body: 'Demo: Layla, see you December 1, 2026.' });
  });

  test.each(['unknown', 'metas'])('that it has no name for is refused outside of a conversation: %s', async (code) => {
    const { sendMessage } = await run.api.mutate(SEND, { input: input(code, ['WHATSAPP']) });
    expect(sendMessage).toMatchObject({ message: null, userErrors: [{ code: 'SESSION_WINDOW_CLOSED' }] });
  });

  test.each(['unknown', 'metas'])('that it has no name for goes by SMS where that is named as well: %s', async (code) => {
    expect(await given.message(run.api, input(code, ['WHATSAPP', 'SMS']))).toMatchObject({ channel: 'SMS' });
  });
});
