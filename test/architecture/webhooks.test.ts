import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webhookRoutes } from '../../src/delivery/http/webhooks.routes.js';
import { given } from '../support/given.js';
import { TWILIO } from '../support/settings.js';
import { footprint } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let messageId: string;
beforeAll(async () => {
  run = await startTestApp({ ...TWILIO, MESSAGING_MOCK_MODE: 'true', TWILIO_FROM_NUMBER: '+15005550006' });
  messageId = (await given.sent(run.api)).id;
});
afterAll(() => run.stop());

/** `/webhooks/:provider/status` and the like, as they are registered. */
async function registered(): Promise<string[]> {
  const routes: string[] = [];
  const http = Fastify();
  http.addHook('onRoute', ({ method, url }) => void routes.push(`${[method].flat().join()} ${url}`));
  await http.register(webhookRoutes({ directory: run.app.core.directory, intake: run.app.core.intake, publicUrl: () => run.url }));
  await http.close();
  return routes;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** What would move the message, if it were believed. */
const BODIES: [string, string][] = [
  [
    JSON_TYPE,
    JSON.stringify({
      sid: 'sim-1',
      status: 'delivered',
      segments: 1,
      price: { amount: '1', currency: 'USD' },
      at: new Date().toISOString(),
    }),
  ],
  [FORM_TYPE, 'MessageSid=SM1&MessageStatus=delivered&From=%2B14155550100&To=%2B15005550006&Body=STOP'],
  [JSON_TYPE, ''],
  [FORM_TYPE, '%%%'],
  [FORM_TYPE, 'a&'.repeat(301)],
];

const SIGNATURES: Record<string, string>[] = [
  {},
  { 'x-simulator-signature': '', 'x-twilio-signature': '' },
  { 'x-simulator-signature': `t=${Date.now()},v1=${'0'.repeat(64)}`, 'x-twilio-signature': Buffer.alloc(20).toString('base64') },
  { 'x-simulator-signature': 'v1', 'x-twilio-signature': '\u00e9' },
];

const post = (path: string, body: string, headers: Record<string, string>): Promise<Response> =>
  fetch(`${run.url}${path}?m=${messageId}&a=1`, { method: 'POST', body, headers });

describe('webhooks', () => {
  test('are the ones that are tested here', async () => {
    expect(await registered()).toEqual(['POST /webhooks/:provider/status', 'POST /webhooks/:provider/incoming']);
    expect(run.app.core.directory.all().map(({ name }) => name)).toEqual(['simulator', 'twilio']);
  });

  test('of every provider are refused without a right signature, and nothing is stored', async () => {
    const before = await footprint(run);
    for (const route of await registered())
      for (const { name } of run.app.core.directory.all())
        for (const signature of SIGNATURES)
          for (const [type, body] of BODIES) {
            const path = route.replace('POST ', '').replace(':provider', name);
            const answer = await post(path, body, { 'content-type': type, ...signature });
            expect([path, answer.status, await answer.json()]).toMatchObject([path, 403, { code: 'INVALID_SIGNATURE' }]);
          }
    expect(await footprint(run)).toEqual(before);
  });

  test.each(['simulator', 'twilio'])('of %s that are larger than any of a provider are refused before they are read', async (name) => {
    const before = await footprint(run);
    const answer = await post(`/webhooks/${name}/incoming`, `Body=${'x'.repeat(256 * 1024)}`, { 'content-type': FORM_TYPE });
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'BAD_USER_INPUT' }]);
    expect(await footprint(run)).toEqual(before);
  });

  test.each(['nobody', '..%2Fsimulator', '__proto__', 'constructor'])('of %s, who is no provider, are not known', async (name) => {
    const before = await footprint(run);
    for (const what of ['status', 'incoming']) {
      const answer = await post(`/webhooks/${name}/${what}`, '{}', { 'content-type': JSON_TYPE });
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    }
    expect(await footprint(run)).toEqual(before);
  });
});
