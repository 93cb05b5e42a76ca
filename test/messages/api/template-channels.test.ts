import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, NUMBER } from '../../support/given.js';
import { SEND } from '../../support/operations.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { saved } from '../../support/templates.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

describe('a template on several channels', () => {
  beforeAll(async () => {
    const translations = [
      { language: 'en', channel: 'WHATSAPP', body: 'Demo by WhatsApp: {{ name }}', mediaUrls: ['https://example.com/map.png'] },
      { language: 'en', channel: 'SMS', body: 'Demo by SMS: {{ short }}' },
    ];
    await saved(run.api, { code: 'both_ways', channels: ['WHATSAPP', 'SMS'], translations, publish: true });
  });
  const BOTH = { template: 'both_ways', variables: { name: 'Layla', short: 'L.' }, channels: ['WHATSAPP', 'SMS'], body: null };

  test("goes out by WhatsApp outside of a conversation, and by SMS in that channel's own words when it fails", async () => {
    const { id } = await given.message(run.api, { ...BOTH, to: '+15005550001' });
    const failed = await messageIn(run.api, 'FAILED', id);
    expect(failed).toMatchObject({ channel: 'WHATSAPP', body: 'Demo by WhatsApp: Layla', mediaUrls: ['https://example.com/map.png'] });
    const { message } = await run.api.query(
      'query ($id: ID!) { message(id: $id) { channel body mediaUrls segments templateVersion template { code } } }',
      { id: failed.fallback.id },
    );
    expect(message).toEqual({
      channel: 'SMS',
      body: 'Demo by SMS: L.',
      mediaUrls: [],
      segments: 1,
      templateVersion: 1,
      template: { code: 'both_ways' },
    });
  });

  test('is counted by its code, and found by it', async () => {
    const { id } = await given.message(run.api, { ...BOTH, to: NUMBER });
    await messageIn(run.api, 'READ', id);
    const { messages } = await run.api.query('{ messages(filter: { templateCode: "both_ways" }) { nodes { id } } }');
    expect(messages.nodes.map((message: any) => message.id)).toContain(id);
    const range = `from: "${inSeconds(-3600)}", to: "${inSeconds(60)}"`;
    await eventually(async () => {
      const { statistics } = await run.api.query(`{ statistics(range: { ${range} }) { byTemplate { key delivered } } }`);
      expect(statistics.byTemplate).toContainEqual({ key: 'both_ways', delivered: expect.any(Number) });
    }, 5_000);
  });

  test('needs the variables of all of them', async () => {
    const { sendMessage } = await run.api.mutate(SEND, { input: { ...BOTH, to: NUMBER, variables: { name: 'Layla' } } });
    expect(sendMessage).toMatchObject({
      message: null,
      userErrors: [{ code: 'TEMPLATE_VARIABLE_MISSING', field: ['variables', 'short'] }],
    });
  });

  test('that has no text for SMS goes by its own channels where none is named', async () => {
    await saved(run.api, { code: 'whatsapp_only', channels: ['WHATSAPP'], body: 'Demo: hello', publish: true });
    expect(await given.message(run.api, { template: 'whatsapp_only', body: null })).toMatchObject({ channel: 'WHATSAPP' });
  });
});
