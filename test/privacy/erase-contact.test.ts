import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, inSeconds, messageIn, readMessage } from '../support/given.js';
import { hears } from '../support/incoming.js';
import { erase, EXPORT, knownPerson, PERSON, TEXTS } from '../support/known-person.js';
import { people, readContact } from '../support/contacts.js';
import { placesOf } from '../support/personal-scan.js';
import { postReceipt } from '../support/simulator-receipts.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, rejectionsOf, upload } from '../support/upload.js';

/** Where something stands of a person of whom all is known. */
const PLACES = [
  'batch_upload_chunks.rejections',
  'consent_events.sealed',
  'contact_identities.sealed',
  'contacts.external_id',
  'contacts.sealed',
  'inbound_messages.sealed',
  'messages.reference',
  'messages.sealed',
  'opt_in_requests.sealed',
  'webhook_journal.sealed',
];
const AUDIT = '{ auditLog { nodes { action subject detail } } }';
const FIGURES =
  'query ($range: TimeRangeInput!) { statistics(range: $range) { total segments cost { amount } byStatus { status count } } }';
const CHECKS = 'query ($id: ID!) { message(id: $id) { explanation { checks { rule passed detail } } } }';
const RANGE = { from: inSeconds(-3600), to: inSeconds(3600) };

let run: TestApp;
beforeEach(async () => {
  run = await startTestApp();
});
afterEach(() => run.stop());

describe('Once a person is erased', () => {
  test('no column of any table holds anything of them', async () => {
    const { id } = await knownPerson(run);
    const before = (await placesOf(run, TEXTS)).map((place) => place.replace(/^public\./, '').replace(/:.*/, ''));
    expect([...new Set(before)]).toEqual(PLACES);
    expect(await erase(run.api, { id })).toEqual({ erased: true, messages: 3, inboundMessages: 1, userErrors: [] });
    expect(await placesOf(run, TEXTS)).toEqual([]);
    expect(await readContact(run.api, id)).toMatchObject({
      name: null,
      phone: null,
      externalId: null,
      identities: [],
      erasedAt: expect.any(String),
    });
  });

  test('no queue and no key of Redis holds anything of them', async () => {
    await knownPerson(run);
    const redis = new Redis(run.env['REDIS_URL'] ?? '');
    const keys = await redis.keys(`${run.env['REDIS_PREFIX']}*`);
    const dumps = await Promise.all(keys.map(async (key) => ((await redis.dumpBuffer(key)) ?? Buffer.of()).toString('latin1')));
    redis.disconnect();
    expect(keys).not.toEqual([]);
    expect(TEXTS.filter((text) => dumps.some((dump) => dump.includes(text)))).toEqual([]);
  });

  test('what is exported before is all that the tables hold', async () => {
    const { id } = await knownPerson(run);
    const { data } = (await run.api.mutate(EXPORT, { contact: { id } })).exportContact;
    const found = (await placesOf(run, TEXTS)).map((place) => place.split(': ').slice(1).join(': '));
    const written = JSON.stringify(data).replaceAll('\\"', '"');
    expect([...new Set(found)].filter((text) => !written.includes(text))).toEqual([]);
    expect(data.messages).toHaveLength(3);
    expect(data.consentHistory.every(({ verified }: any) => verified)).toBe(true);
  });

  test('rejected lines that named them among other things are exported, and forgotten', async () => {
    const theirs = ['+14155550133 (Sara)', 'Sara <sara@example.org>', '+1 415-555-0133 ext 5'];
    const { body } = await upload(run.api, csv('to', ...theirs, '+914155550133 (Ravi)'));
    await given.contact(run.api, { phone: '+14155550133', email: 'sara@example.org' });
    const { data } = (await run.api.mutate(EXPORT, { contact: { phone: '+14155550133' } })).exportContact;
    expect(data.rejectedUploads.map(({ to }: any) => to)).toEqual(theirs);
    await erase(run.api, { phone: '+14155550133' });
    await eventually(async () => {
      const left = await (await rejectionsOf(run.api, body.batchId)).text();
      expect(theirs.filter((line) => left.includes(line))).toEqual([]);
      expect(left).toContain('+914155550133 (Ravi)');
    });
  });

  test('a rejected line of somebody whose longer number begins like theirs is neither exported to them nor forgotten', async () => {
    const [theirs, others] = ['+4930901820', '+493090182099'];
    const { body } = await upload(run.api, csv('to', theirs, others));
    expect(body.rejected).toBe(2);
    const { id } = await people.contact(run.api, { phone: theirs });
    const { data } = (await run.api.mutate(EXPORT, { contact: { id } })).exportContact;
    expect(data.rejectedUploads.map(({ to }: any) => to)).toEqual([theirs]);
    await erase(run.api, { id });
    const left = await (await rejectionsOf(run.api, body.batchId)).text();
    expect([theirs, others].map((number) => new RegExp(`\\${number}\\b`).test(left))).toEqual([false, true]);
  });

  test('a rejected line that named them by a long externalId is forgotten', async () => {
    const externalId = `patient-${'7'.repeat(120)}`;
    await given.contact(run.api, { externalId, email: 'sara@example.org' });
    const { body } = await upload(run.api, csv('externalId', externalId));
    expect(body.rejected).toBe(1);
    await erase(run.api, { email: 'sara@example.org' });
    await eventually(async () => expect(await (await rejectionsOf(run.api, body.batchId)).text()).not.toContain('patient-777'));
  });

  test('both acts stand in the audit log, without anything personal', async () => {
    const { id } = await knownPerson(run);
    await run.api.mutate(EXPORT, { contact: { phone: PERSON.phone } });
    await erase(run.api, { phone: PERSON.phone });
    const { auditLog } = await run.api.query(AUDIT);
    const acts = auditLog.nodes.filter(({ subject }: any) => subject === `contact:${id}`);
    expect(acts.map(({ action }: any) => action)).toEqual(['contact.erased', 'contact.exported']);
    expect(TEXTS.filter((text) => JSON.stringify(auditLog).includes(text))).toEqual([]);
  });

  test('the figures are what they were', async () => {
    const { id } = await knownPerson(run);
    const before = await run.api.query(FIGURES, { range: RANGE });
    await erase(run.api, { id });
    expect(await run.api.query(FIGURES, { range: RANGE })).toEqual(before);
  });

  test('the chain of their consents is whole still', async () => {
    const { id } = await knownPerson(run);
    await erase(run.api, { id });
    const { consentHistory } = await readContact(run.api, id);
    expect(consentHistory.length).toBeGreaterThan(1);
    expect(consentHistory.every(({ verified, statement }: any) => verified && statement === null)).toBe(true);
  });

  test('their time zone stands nowhere, also not where it is explained why a message waited; what else was checked does', async () => {
    const clock = (hours: number): string => new Date(Date.now() + (hours + 5.75) * 3_600_000).toISOString().slice(11, 16);
    const quietHours = { start: clock(-2), end: clock(2), categories: ['UTILITY'] };
    await run.api.mutate('mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { code } } }', {
      input: { quietHours },
    });
    const { id } = await people.contact(run.api, { phone: PERSON.phone, timeZone: 'Asia/Kathmandu' });
    const waiting = await given.message(run.api, { to: PERSON.phone });
    const checksOf = async () => (await run.api.query(CHECKS, { id: waiting.id })).message.explanation.checks;
    const before = await checksOf();
    expect(before.filter(({ detail }: any) => detail?.includes('Asia/Kathmandu'))).toMatchObject([{ rule: 'QUIET_HOURS', passed: false }]);
    await erase(run.api, { id });
    expect(await placesOf(run, ['Asia/Kathmandu'])).toEqual([]);
    expect(await checksOf()).toEqual(before.map((check: any) => (check.rule === 'QUIET_HOURS' ? { ...check, detail: null } : check)));
  });

  test('what was to be sent is not, and nothing of it is kept', async () => {
    const { id } = await people.contact(run.api, { phone: PERSON.phone });
    const scheduled = await given.scheduled(run.api, { to: PERSON.phone, body: PERSON.body });
    await erase(run.api, { id });
    expect(await readMessage(run.api, scheduled.id)).toMatchObject({ status: 'SUPPRESSED', body: null, attempts: 0 });
    expect(run.simulator.asked(scheduled.id)).toBe(0);
  });

  test('a late receipt moves the message and leaves no trace of its own', async () => {
    const sent = await given.sent(run.api, { body: PERSON.body });
    await erase(run.api, { phone: '+15005550014' });
    await postReceipt(run, { messageId: sent.id, sid: sent.providerMessageId, status: 'delivered' });
    await messageIn(run.api, 'DELIVERED', sent.id);
    expect(await rowsOf(run, `select 1 from webhook_journal where message_id = '${sent.id}' and sealed is not null`)).toEqual([]);
  });

  test('the provider is asked to forget as well', async () => {
    const sent = await given.delivered(run.api, { to: PERSON.phone, body: PERSON.body });
    await erase(run.api, { phone: PERSON.phone });
    const kept = () => run.simulator.messages().filter(({ body, to }) => body === PERSON.body || to === PERSON.phone);
    await eventually(async () => expect(kept()).toEqual([]), 15_000);
    await eventually(async () => expect(await rowsOf(run, 'select state from redactions')).toEqual([{ state: 'DONE' }]), 5_000);
    expect(run.simulator.taken(sent.id)).toBe(1);
  });
});

describe('An opt-out outlives the person', () => {
  const send = async () =>
    (
      await run.api.mutate('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }', {
        input: { to: PERSON.phone, body: 'Hello again' },
      })
    ).sendMessage.userErrors;

  test('also when the number is imported again with a consent; START from the person takes it back', async () => {
    const { id } = await people.contact(run.api, { phone: PERSON.phone });
    await people.withdraw(run.api, { id }, { categories: ['UTILITY'] });
    await erase(run.api, { id });
    const again = await people.contact(run.api, { phone: PERSON.phone });
    expect(again.id).not.toBe(id);
    await people.grant(run.api, { id: again.id }, { source: 'IMPORT' });
    expect(await send()).toEqual([{ code: 'OPTED_OUT' }]);
    await hears(run, 'START', { from: PERSON.phone });
    expect(await send()).toEqual([]);
  });

  test('STOP does, whoever asks for the erasure', async () => {
    await hears(run, 'STOP', { from: PERSON.phone });
    await erase(run.api, { phone: PERSON.phone });
    await people.grant(run.api, { id: (await people.contact(run.api, { phone: PERSON.phone })).id });
    expect(await send()).toEqual([{ code: 'OPTED_OUT' }]);
  });

  test('who has not objected may come back', async () => {
    await people.contact(run.api, { phone: PERSON.phone });
    await erase(run.api, { phone: PERSON.phone });
    expect(await send()).toEqual([]);
  });
});
