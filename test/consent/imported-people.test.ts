import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockContacts, mergeContact } from '../../src/contacts/contact.queries.js';
import { CONTACT, people } from '../support/contacts.js';
import { somebodyWaits } from '../support/lock-waits.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numberOf, uploadConsents } from '../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

let used = 0;
const newNumber = (): string => numberOf(used++);
const upload = (file: string) => uploadConsents(run.api, file);
const find = async (ref: object): Promise<any> => (await run.api.query(CONTACT, { ref })).contact;
const count = async (table: string): Promise<number> =>
  (await rowsOf<{ n: number }>(run, `select count(*)::int as n from ${table}`))[0]?.n ?? 0;

describe('A file of consents', () => {
  test('writes for the one who remains where two are just being made one', async () => {
    const [email, phone, fresh] = [`m${used}@example.org`, newNumber(), newNumber()];
    const gone = await people.contact(run.api, { email });
    const { id } = await people.contact(run.api, { phone });
    const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
    const answer = await run.app.core.db.transaction(async (tx) => {
      await lockContacts(tx, tenantId, [gone.id, id]);
      await mergeContact(tx, tenantId, gone.id, id, new Date());
      const uploaded = upload(csv('email,phone,channels,categories', `${email},${fresh},sms,marketing`));
      await somebodyWaits(run);
      return { uploaded };
    });
    expect(await answer.uploaded).toMatchObject({ status: 200, recorded: 1, rejected: 0 });
    expect(await people.contact(run.api, { phone: fresh })).toMatchObject({ id });
    expect((await find({ id })).consents).toMatchObject([{ category: 'MARKETING', state: 'GRANTED' }]);
  });

  test.each([
    [
      'the externalId is just given to somebody else',
      'I-taken',
      `insert into contacts select gen_random_uuid(), tenant_id, 'I-taken' from contacts`,
    ],
    ['the person is just given another externalId', 'I-wanted', `update contacts set external_id = 'I-other'`],
  ])('rejects a line alone where %s', async (_what, externalId, change) => {
    const [phone, good] = [newNumber(), newNumber()];
    const { id } = await people.contact(run.api, { phone });
    const answer = await run.app.core.db.transaction(async (tx) => {
      await sql.raw(`${change} where id = '${id}'`).execute(tx);
      const uploaded = upload(csv('externalId,phone,channels', `${externalId},${phone},SMS`, `,${good},SMS`));
      await somebodyWaits(run);
      return { uploaded };
    });
    expect(await answer.uploaded).toMatchObject({ status: 200, recorded: 1, rejections: [{ line: 2, code: 'CONFLICT' }] });
    expect(await find({ id })).toMatchObject({ consents: [], consentHistory: [] });
  });

  test('records for whoever the sender account knows by a WhatsApp user id, and makes anew whom it does not know', async () => {
    const whatsAppUserId = 'SA.13491208655302741918';
    const accounts = ['account-1', 'account-2', 'account-3'];
    const known: any[] = [];
    for (const whatsAppScope of accounts.slice(0, 2))
      known.push(await people.contact(run.api, { externalId: `I-${whatsAppScope}`, whatsAppUserId, whatsAppScope }));
    const before = await count('contacts');
    const lines = accounts.map((account) => `${whatsAppUserId},${account},WHATSAPP,${account}`);
    expect(await upload(csv('whatsAppUserId,whatsAppScope,channels,form', ...lines, lines[2] ?? ''))).toMatchObject({
      total: 4,
      rejected: 0,
    });
    expect((await count('contacts')) - before).toBe(1);
    const formsOf = async (id: string) => (await find({ id })).consentHistory.map(({ evidence }: any) => evidence.form);
    expect(await Promise.all(known.map(({ id }) => formsOf(id)))).toEqual([['account-1'], ['account-2']]);
  });

  test.each([
    ['without an account', '', 'clinic'],
    ['within one, known without', 'clinic', ''],
  ])('knows a WhatsApp user id %s', async (which, scope, whatsAppScope) => {
    const whatsAppUserId = `SA.${which.length}`;
    const { id } = await people.contact(run.api, { whatsAppUserId, whatsAppScope });
    const before = [await count('contacts'), await count('contact_identities')];
    expect(await upload(csv('whatsAppUserId,whatsAppScope,channels', `${whatsAppUserId},${scope},WHATSAPP`))).toMatchObject({
      recorded: 1,
    });
    expect((await find({ id })).consents).toMatchObject([{ state: 'GRANTED' }]);
    expect([await count('contacts'), await count('contact_identities')]).toEqual(before);
  });
});
