import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONFIRM_OPT_IN, people, readContact, REQUEST_OPT_IN } from '../support/contacts.js';
import { reached } from '../support/given.js';
import { hears } from '../support/incoming.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

const REPLY = 'mutation ($input: ReplyInput!) { reply(input: $input) { message { to } userErrors { code field } } }';

let run: TestApp;
let used = 0;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

/** Somebody with two numbers, the one that was named last first. */
async function somebody() {
  const [kept, lost] = [numberOf(used++), numberOf(used++)];
  const externalId = `moved-${used}`;
  await people.contact(run.api, { externalId, phone: kept });
  const { id } = await people.contact(run.api, { externalId, phone: lost });
  return { id, kept, lost };
}
async function asked(id: string, channel = 'SMS'): Promise<string> {
  const input = { contact: { id }, channel, categories: ['MARKETING'], statement: 'May we send you offers?' };
  const { requestOptIn } = await run.api.mutate(REQUEST_OPT_IN, { input });
  await reached(run.api, id);
  return requestOptIn.token;
}
const statesOf = async (id: string): Promise<string[]> => (await readContact(run.api, id)).consents.map(({ state }: any) => state);
const reply = async (conversationId: string): Promise<any> =>
  (await run.api.mutate(REPLY, { input: { conversationId, body: 'It is here.' } })).reply;

test('a yes from a number that became somebody else’s grants nothing to who had it', async () => {
  const { id, lost } = await somebody();
  await asked(id);
  await people.removeAddress(run.api, { id }, lost);
  expect(await hears(run, 'YES', { from: lost })).toMatchObject({ intent: 'CONFIRM', answer: 'NONE' });
  expect(await statesOf(id)).toEqual(['PENDING']);
});

test('a yes from a user id that two of our accounts knew, and that became somebody else’s, grants nothing to who had it', async () => {
  const whatsAppUserId = 'SA.1003';
  const written = { from: whatsAppUserId, to: '+14155550199', channel: 'WHATSAPP' } as const;
  const { id } = (await hears(run, 'Hello', written)).conversation.contact;
  await people.contact(run.api, { whatsAppUserId });
  await asked(id, 'WHATSAPP');
  await people.removeAddress(run.api, { id }, whatsAppUserId);
  expect(await hears(run, 'YES', written)).toMatchObject({ intent: 'CONFIRM', answer: 'NONE' });
  expect(await statesOf(id)).toEqual(['PENDING']);
});

test('a link that was sent to a number that became somebody else’s grants nothing to who had it', async () => {
  const { id, lost } = await somebody();
  const token = await asked(id);
  await people.removeAddress(run.api, { id }, lost);
  const { confirmOptIn } = await run.api.mutate(CONFIRM_OPT_IN, { input: { token } });
  expect(confirmOptIn.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['token'] }]);
  expect(await statesOf(id)).toEqual(['PENDING']);
});

test('a yes counts for the one who remains where who was asked turned out to be somebody else', async () => {
  const [phone, externalId] = [numberOf(used++), 'remains'];
  await asked((await people.contact(run.api, { phone })).id);
  const { id } = await people.contact(run.api, { externalId, email: 'remains@example.org' });
  await people.contact(run.api, { externalId, phone });
  await hears(run, 'YES', { from: phone });
  expect(await statesOf(id)).toEqual(['GRANTED']);
});

test('a reply does not go to a number that became somebody else’s, and nothing is stored', async () => {
  const { id, lost } = await somebody();
  const { conversation } = await hears(run, 'Is my result there?', { from: lost });
  await people.removeAddress(run.api, { id }, lost);
  const before = await footprint(run);
  expect(await reply(conversation.id)).toEqual({ message: null, userErrors: [{ code: 'NOT_FOUND', field: ['conversationId'] }] });
  expect(await footprint(run)).toEqual(before);
});

test('a reply goes to the number that the person wrote from before the one that they lost', async () => {
  const { id, kept, lost } = await somebody();
  await hears(run, 'Is my result there?', { from: kept });
  const { conversation } = await hears(run, 'And now?', { from: lost });
  await people.removeAddress(run.api, { id }, lost);
  expect(await reply(conversation.id)).toEqual({ message: { to: kept }, userErrors: [] });
});

test('a user id that two of our accounts know is taken away for both, and the audit log tells it once', async () => {
  const whatsAppUserId = 'SA.13491208655302741918';
  for (const whatsAppScope of ['clinic', 'shop'])
    await people.contact(run.api, { externalId: 'two-accounts', whatsAppUserId, whatsAppScope });
  const { id, identities } = await people.contact(run.api, { externalId: 'two-accounts' });
  expect(identities).toHaveLength(2);
  await people.removeAddress(run.api, { id }, whatsAppUserId);
  expect((await readContact(run.api, id)).identities).toEqual([]);
  const told = await rowsOf(run, `select from audit_entries where action = 'contact.addressRemoved' and subject = 'contact:${id}'`);
  expect(told).toHaveLength(1);
});
