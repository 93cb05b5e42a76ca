import { afterAll, beforeAll, expect, test } from 'vitest';
import { people, REQUEST_OPT_IN } from '../support/contacts.js';
import { given, readMessage } from '../support/given.js';
import { hears } from '../support/incoming.js';
import { erase, EXPORT } from '../support/known-person.js';
import { placesOf } from '../support/personal-scan.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

let run: TestApp;
let used = 0;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

/** Somebody who was written to, and wrote, at a number that is somebody else's now, who was written to there as well. */
async function moved() {
  const [kept, lost] = [numberOf(used++), numberOf(used++)];
  const externalId = `former-${used}`;
  await people.contact(run.api, { externalId, phone: kept });
  const { id } = await people.contact(run.api, { externalId, phone: lost });
  const theirs = await given.delivered(run.api, { to: lost, body: 'Your result is there' });
  await hears(run, 'Thank you', { from: lost });
  await people.removeAddress(run.api, { id }, lost);
  const owner = await people.contact(run.api, { externalId: `${externalId}-next`, phone: lost });
  const others = await given.delivered(run.api, { to: lost, body: 'Welcome' });
  await hears(run, 'Who is this?', { from: lost });
  return { id, lost, theirs, others, owner };
}
const exported = async (id: string): Promise<any> => (await run.api.mutate(EXPORT, { contact: { id } })).exportContact.data;
const formerOf = (id: string): Promise<object[]> => rowsOf(run, `select from former_addresses where contact_id = '${id}'`);

test('a text to a number that was taken from the person is erased with them, and what came later is not', async () => {
  const { id, lost, theirs, others, owner } = await moved();
  expect(await erase(run.api, { id })).toMatchObject({ erased: true, messages: 1, inboundMessages: 1 });
  expect(await readMessage(run.api, theirs.id)).toMatchObject({ to: '', body: null, status: 'DELIVERED' });
  expect(await readMessage(run.api, others.id)).toMatchObject({ to: lost, body: 'Welcome' });
  expect((await exported(owner.id)).inboundMessages).toMatchObject([{ body: 'Who is this?' }]);
  expect(await formerOf(id)).toEqual([]);
});

test('erasing again tells the same and changes nothing', async () => {
  const { id } = await moved();
  const first = await erase(run.api, { id });
  const before = await footprint(run);
  expect(await erase(run.api, { id })).toEqual(first);
  expect(await footprint(run)).toEqual(before);
});

test('what was sent to the number until then is exported as the person’s, once', async () => {
  const { id, lost, theirs } = await moved();
  expect((await exported(id)).messages).toMatchObject([{ id: theirs.id, to: lost, body: 'Your result is there' }]);
});

test('a STOP that the person said from an address that was taken from them is exported as theirs alone', async () => {
  const [externalId, lost] = [`stopped-${used}`, numberOf(used++)];
  const { id } = await people.contact(run.api, { externalId, phone: lost });
  await hears(run, 'STOP', { from: lost });
  await people.removeAddress(run.api, { id }, lost);
  const owner = await people.contact(run.api, { externalId: `${externalId}-next`, phone: lost });
  expect((await exported(id)).contact).toMatchObject({ id, stops: ['SMS'] });
  expect((await exported(owner.id)).contact).toMatchObject({ id: owner.id, stops: [] });
});

test('what was sent to a number while somebody else had it is not exported to who has it now', async () => {
  const { others, owner } = await moved();
  expect((await exported(owner.id)).messages).toMatchObject([{ id: others.id, body: 'Welcome' }]);
});

test('what was sent to a number that came back to the person is theirs, but for the time between', async () => {
  const { id, lost, theirs, others, owner } = await moved();
  await people.removeAddress(run.api, { id: owner.id }, lost);
  await people.contact(run.api, { externalId: (await exported(id)).contact.externalId, phone: lost });
  const again = await given.delivered(run.api, { to: lost, body: 'Welcome back' });
  expect((await exported(id)).messages).toMatchObject([{ id: theirs.id }, { id: again.id }]);
  expect((await exported(owner.id)).messages).toMatchObject([{ id: others.id }]);
});

test('a number that came back to the person and was taken again is theirs for both times, and not for the time between', async () => {
  const { id, lost, theirs, others, owner } = await moved();
  const { externalId } = (await exported(id)).contact;
  await people.removeAddress(run.api, { id: owner.id }, lost);
  await people.contact(run.api, { externalId, phone: lost });
  const again = await given.delivered(run.api, { to: lost, body: 'Welcome back' });
  await people.removeAddress(run.api, { id }, lost);
  expect((await exported(id)).messages).toMatchObject([{ id: theirs.id }, { id: again.id }]);
  expect((await exported(owner.id)).messages).toMatchObject([{ id: others.id }]);
});

test('what was sent to a number that nobody has, or written from it, is not exported to whoever asks for the number', async () => {
  const { id, lost, owner } = await moved();
  await people.removeAddress(run.api, { id: owner.id }, lost);
  const { data } = (await run.api.mutate(EXPORT, { contact: { phone: lost } })).exportContact;
  expect(data).toMatchObject({ messages: [], inboundMessages: [] });
  expect((await exported(id)).inboundMessages).toMatchObject([{ body: 'Thank you' }]);
});

test('what they wrote from the number is exported as theirs, and not to who has it now', async () => {
  const { id, owner } = await moved();
  const wrote = async (contact: string): Promise<string[]> => (await exported(contact)).inboundMessages.map(({ body }: any) => body);
  expect({ former: await wrote(id), owner: await wrote(owner.id) }).toEqual({ former: ['Thank you'], owner: ['Who is this?'] });
});

test('nothing of the number is kept for who had it before, once who has it now is erased', async () => {
  const { id, lost, theirs } = await moved();
  await erase(run.api, { phone: lost });
  expect(await readMessage(run.api, theirs.id)).toMatchObject({ to: '', body: null });
  expect(await formerOf(id)).toEqual([]);
});

/** Somebody who was asked, and wrote, at a number that they have no longer. */
async function left() {
  const lost = numberOf(used++);
  const email = `left-${used}@example.org`;
  const { id } = await people.contact(run.api, { phone: lost });
  await people.contact(run.api, { phone: lost, email });
  const question = { contact: { id }, channel: 'SMS', categories: ['MARKETING'], statement: 'Towels for you' };
  expect((await run.api.mutate(REQUEST_OPT_IN, { input: question })).requestOptIn.userErrors).toEqual([]);
  await hears(run, 'Thank you', { from: lost });
  await people.removeAddress(run.api, { id }, lost);
  const [former] = await rowsOf<{ hash: string }>(
    run,
    `select encode(address_hash, 'hex') as hash from former_addresses where contact_id = '${id}'`,
  );
  const hash = Buffer.from(former?.hash ?? '', 'hex').toString('latin1');
  const columns = async (): Promise<string[]> => (await placesOf(run, [hash])).map((place) => place.split(':')[0] ?? '');
  return { lost, email, columns };
}

test.each([
  ['once who has it now is erased', ({ lost }: { lost: string }) => people.contact(run.api, { phone: lost })],
  ['once it is erased while nobody has it', () => null],
  [
    'nor where they have turned out to be somebody else since',
    async ({ email, lost }: { email: string; lost: string }) => {
      await people.contact(run.api, { externalId: email, phone: numberOf(used++) });
      await people.contact(run.api, { externalId: email, email });
      await people.contact(run.api, { phone: lost });
    },
  ],
])('who had a number before keeps what they were asked there, and no hash of it: %s', async (_when, goesOn) => {
  const { lost, email, columns } = await left();
  await goesOn({ lost, email });
  expect(await columns()).toEqual(expect.arrayContaining(['public.conversations.address_hash', 'public.opt_in_requests.address_hash']));
  await erase(run.api, { phone: lost });
  expect(await columns()).toEqual([]);
  const { conversations, optInRequests } = (await run.api.mutate(EXPORT, { contact: { email } })).exportContact.data;
  expect([conversations, optInRequests]).toMatchObject([[{ channel: 'SMS' }], [{ statement: 'Towels for you' }]]);
});

test('of two who turn out to be one, what was sent to a number that the one merged away had had is erased', async () => {
  const [kept, lost] = [numberOf(used++), numberOf(used++)];
  const gone = await people.contact(run.api, { phone: lost });
  await people.contact(run.api, { phone: lost, email: 'gone@example.org' });
  const sent = await given.delivered(run.api, { to: lost });
  await people.removeAddress(run.api, { id: gone.id }, lost);
  const { id } = await people.contact(run.api, { externalId: 'remains', phone: kept });
  await people.contact(run.api, { externalId: 'remains', email: 'gone@example.org' });
  expect(await erase(run.api, { id })).toMatchObject({ messages: 1 });
  expect(await readMessage(run.api, sent.id)).toMatchObject({ to: '', body: null });
});
