import { afterAll, beforeAll, expect, test } from 'vitest';
import { people } from '../support/contacts.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

test('each of several mutations in one operation is answered as things are after it', async () => {
  const { id } = await people.contact(run.api, { phone: '+14155550100' });
  const input = { contact: { id }, channels: ['SMS'], categories: ['UTILITY'] };
  const { granted, withdrawn } = await run.api.mutate(
    `mutation ($input: ConsentInput!) {
      granted: grantConsent(input: $input) { contact { consents { state } } }
      withdrawn: withdrawConsent(input: $input) { contact { consents { state } } }
    }`,
    { input },
  );
  expect([granted, withdrawn].map(({ contact }) => contact.consents)).toEqual([[{ state: 'GRANTED' }], [{ state: 'WITHDRAWN' }]]);
});

test('a template that is saved and published in one operation is published', async () => {
  const { published } = await run.api.mutate(
    `mutation ($input: SaveTemplateInput!) {
      saveTemplate(input: $input) { template { published { version } } }
      published: publishTemplate(code: "in_turn", version: 1) { template { state published { version } } }
    }`,
    { input: { code: 'in_turn', translations: [{ language: 'en', body: 'Hello' }] } },
  );
  expect(published.template).toEqual({ state: 'PUBLISHED', published: { version: 1 } });
});
