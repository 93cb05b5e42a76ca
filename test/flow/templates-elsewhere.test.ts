import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp, type App, type RunningConfig } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { gql, type TestApi } from '../support/gql.js';
import { given, NUMBER } from '../support/given.js';
import { SEND } from '../support/operations.js';
import { ENABLE, PUBLISH, saved } from '../support/templates.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

let run: TestApp;
let other: App;
let elsewhere: TestApi;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  other = await buildApp(readConfig(run.env) as RunningConfig, pino({ level: 'silent' }));
  elsewhere = gql((await other.start()).url ?? '', TEST_KEY);
});
afterAll(async () => {
  await other.stop();
  await run.stop();
});

const send = async (): Promise<string> => (await given.message(elsewhere, { template: 'shared', body: null })).body;

test('what is published, rolled back or switched off on one process counts on the others with their very next send', async () => {
  await saved(run.api, { code: 'shared', body: 'Demo: one', publish: true });
  expect(await send()).toBe('Demo: one');
  await saved(run.api, { code: 'shared', body: 'Demo: two', publish: true });
  expect(await send()).toBe('Demo: two');
  await run.api.mutate(PUBLISH, { code: 'shared', version: 1 });
  expect(await send()).toBe('Demo: one');
  await run.api.mutate(ENABLE, { code: 'shared', enabled: false });
  const { sendMessage } = await elsewhere.mutate(SEND, { input: { to: NUMBER, template: 'shared' } });
  expect(sendMessage.userErrors).toMatchObject([{ code: 'TEMPLATE_NOT_FOUND' }]);
  await run.api.mutate(ENABLE, { code: 'shared', enabled: true });
  expect(await send()).toBe('Demo: one');
});
