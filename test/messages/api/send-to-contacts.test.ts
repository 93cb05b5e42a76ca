import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, inSeconds, messageIn } from '../../support/given.js';
import { SEND, SEND_BULK } from '../../support/operations.js';
import { rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { csv, upload } from '../../support/upload.js';

const UNKNOWN = '01900000-0000-7000-8000-00000000abcd';

let run: TestApp;
let patient: any;
beforeAll(async () => {
  run = await startTestApp();
  patient = await given.contact(run.api, { externalId: 'patient-1', phone: '+14155550111' });
  await given.contact(run.api, { externalId: 'by-mail', email: 'ann@example.com' });
});
afterAll(() => run.stop());

const sendTo = async (input: object) => (await run.api.mutate(SEND, { input: { body: 'Hello', ...input } })).sendMessage;

describe('a message to a known contact', () => {
  test.each([
    ['contactId', () => ({ contactId: patient.id })],
    ['externalId', () => ({ externalId: 'patient-1' })],
  ])('by %s goes to their number', async (_field, ref) => {
    const { message } = await sendTo(ref());
    expect(await messageIn(run.api, 'DELIVERED', message.id)).toMatchObject({ to: '+14155550111', channel: 'SMS' });
  });

  test('goes to the number that was named last', async () => {
    await given.contact(run.api, { externalId: 'moved', phone: '+14155550112' });
    await given.contact(run.api, { externalId: 'moved', phone: '+14155550113' });
    expect((await sendTo({ externalId: 'moved' })).message.to).toBe('+14155550113');
  });

  test.each<[string, () => object, string, string]>([
    ['whom nobody knows by id', () => ({ contactId: UNKNOWN }), 'NOT_FOUND', 'contactId'],
    ['whose id is none', () => ({ contactId: 'patient-1' }), 'NOT_FOUND', 'contactId'],
    ['whom nobody knows by externalId', () => ({ externalId: 'patient-2' }), 'NOT_FOUND', 'externalId'],
    ['whose externalId no database can hold', () => ({ externalId: 'a\0b' }), 'NOT_FOUND', 'externalId'],
    ['who has no number', () => ({ externalId: 'by-mail' }), 'INVALID_INPUT', 'externalId'],
    ['who is named twice', () => ({ to: '+14155550111', externalId: 'patient-1' }), 'INVALID_INPUT', 'externalId'],
    ['who is not named', () => ({}), 'INVALID_INPUT', 'to'],
    ['who has not agreed', () => ({ externalId: 'patient-1', category: 'MARKETING' }), 'CONSENT_REQUIRED', 'externalId'],
  ])('%s is refused, and nothing stored', async (_what, ref, code, field) => {
    const [before] = await rowsOf(run, 'select count(*) from messages');
    expect(await sendTo({ ...ref(), sendAt: inSeconds(60) })).toMatchObject({ message: null, userErrors: [{ code, field: [field] }] });
    expect((await rowsOf(run, 'select count(*) from messages'))[0]).toEqual(before);
  });

  test('of another tenant is not found', async () => {
    const other = await run.withTenant('other');
    const { sendMessage } = await other.admin.mutate(SEND, { input: { body: 'Hello', contactId: patient.id } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});

describe('a bulk send to known contacts', () => {
  test('reaches those who are known, and reports the others by what they were named', async () => {
    const recipients = [{ externalId: 'patient-1' }, { externalId: 'patient-2' }, { contactId: patient.id }, { contactId: UNKNOWN }];
    const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'Visit', body: 'Hello', recipients, sendAt: inSeconds(60) } });
    expect(sendBulk.rejected).toMatchObject([
      { index: 1, to: 'patient-2', code: 'NOT_FOUND' },
      { index: 3, to: UNKNOWN, code: 'NOT_FOUND' },
    ]);
    expect(sendBulk.batch).toMatchObject({ total: 4, rejected: 2 });
  });

  test('reports whose externalId no database can hold, and reaches the others', async () => {
    const recipients = [{ externalId: 'a\0b' }, { externalId: 'patient-1' }];
    const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'Visit', body: 'Hello', recipients, sendAt: inSeconds(60) } });
    expect(sendBulk).toMatchObject({ batch: { total: 2 }, rejected: [{ index: 0, code: 'NOT_FOUND' }], userErrors: [] });
  });

  test('takes a file with columns contactId and externalId', async () => {
    const file = csv('to,externalId,contactId,reference', '+14155550101,,,a', ',patient-1,,b', `,,${patient.id},c`, ',nobody,,d');
    const { body } = await upload(run.api, file, { with: { sendAt: inSeconds(60) } });
    expect(body).toMatchObject({ accepted: 3, rejections: [{ line: 5, to: 'nobody', code: 'NOT_FOUND' }] });
    const rows = await rowsOf<{ reference: string }>(run, `select reference from messages where batch_id = '${body.batchId}' order by id`);
    expect(rows.map(({ reference }) => reference)).toEqual(['a', 'b', 'c']);
  });
});
