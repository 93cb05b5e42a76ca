import { afterAll, beforeAll, expect, test } from 'vitest';
import { given, messageIn, reached, readMessage } from '../support/given.js';
import { hears } from '../support/incoming.js';
import { erase } from '../support/known-person.js';
import { onBatch, SEND, SEND_BULK } from '../support/operations.js';
import { placesOf } from '../support/personal-scan.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const ASK = `mutation ($input: RequestOptInInput!) { requestOptIn(input: $input) { consents { category state } userErrors { code message } } }`;
const PHONE = '+14155550177';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const campaign = async (name: string): Promise<any> =>
  (await run.api.mutate(SEND_BULK, { input: { name, body: 'Come and see us', category: 'MARKETING', recipients: [{ to: PHONE }] } }))
    .sendBulk;
const messagesOf = async (batchId: string): Promise<any[]> =>
  (await run.api.query('query ($id: ID!) { batch(id: $id) { messages { nodes { id status } } } }', { id: batchId })).batch.messages.nodes;

test('from the question to YES, a campaign, STOP, and never again', async () => {
  const contact = await given.contact(run.api, { phone: PHONE });
  expect((await campaign('too early')).rejected).toMatchObject([{ code: 'CONSENT_REQUIRED' }]);
  const input = { contact: { phone: PHONE }, channel: 'SMS', categories: ['MARKETING'], statement: 'News of the clinic, once a month.' };
  expect((await run.api.mutate(ASK, { input })).requestOptIn).toMatchObject({
    consents: expect.arrayContaining([{ category: 'MARKETING', state: 'PENDING' }]),
    userErrors: [],
  });
  expect((await campaign('not answered')).rejected).toMatchObject([{ code: 'CONSENT_REQUIRED' }]);

  await reached(run.api, contact.id);
  await hears(run, 'Yes please', { from: PHONE });
  const { batch } = await campaign('agreed');
  const [sent] = await messagesOf(batch.id);
  await messageIn(run.api, 'DELIVERED', sent.id);

  const scheduled = await given.scheduled(run.api, { to: PHONE });
  await hears(run, 'Stop. Thank you', { from: PHONE });
  expect(await readMessage(run.api, scheduled.id)).toMatchObject({ status: 'SUPPRESSED' });
  expect((await campaign('after STOP')).rejected).toMatchObject([{ code: 'OPTED_OUT' }]);
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: PHONE, body: 'Hello' } });
  expect(sendMessage).toMatchObject({ message: null, userErrors: [{ code: 'OPTED_OUT' }] });
});

test('and who was erased stays blocked when they are imported again, until they say START', async () => {
  expect(await erase(run.api, { phone: PHONE })).toMatchObject({ erased: true, userErrors: [] });
  expect(await placesOf(run, [PHONE, 'Stop. Thank you', 'Come and see us'])).toEqual([]);
  await given.consent(run.api, PHONE, { source: 'IMPORT' });
  expect((await campaign('imported again')).rejected).toMatchObject([{ code: 'OPTED_OUT' }]);
  await hears(run, 'START', { from: PHONE });
  const { batch } = await campaign('came back');
  const [sent] = await messagesOf(batch.id);
  await messageIn(run.api, 'DELIVERED', sent.id);
});

test('STOP while a batch is paused keeps its message back when the batch goes on', async () => {
  const [stays, leaves] = ['+14155550178', '+14155550179'];
  const sendAt = new Date(Date.now() + 1_500).toISOString();
  const recipients = [{ to: stays }, { to: leaves }];
  const { batch } = (await run.api.mutate(SEND_BULK, { input: { name: 'paused', body: 'Hello', recipients, sendAt } })).sendBulk;
  await run.api.mutate(onBatch('pauseBatch'), { id: batch.id });
  await hears(run, 'STOP', { from: leaves });
  await run.api.mutate(onBatch('resumeBatch'), { id: batch.id });
  const { batch: told } = await run.api.query('query ($id: ID!) { batch(id: $id) { messages { nodes { id to } } } }', { id: batch.id });
  const idOf = (to: string): string => told.messages.nodes.find((node: any) => node.to === to).id;
  await messageIn(run.api, 'DELIVERED', idOf(stays));
  expect(await readMessage(run.api, idOf(leaves))).toMatchObject({ status: 'SUPPRESSED', attempts: 0 });
});
