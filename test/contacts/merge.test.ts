import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockContacts, mergeContact } from '../../src/contacts/contact.queries.js';
import { eventually } from '../support/eventually.js';
import { given } from '../support/given.js';
import { CONTACT, people, readContact, REMOVE_ADDRESS, SET_PREFERENCES, UPSERT } from '../support/contacts.js';
import { LOCK_WAITS, somebodyWaits } from '../support/lock-waits.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

let used = 0;
const newNumber = (): string => numberOf(used++);
const tenantId = async (): Promise<string> => (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;

/** Two contacts that a later input will name together. */
async function two(first: object = {}, second: object = {}) {
  const [phone, email] = [newNumber(), `p${used}@example.org`];
  return {
    phone,
    email,
    byPhone: await people.contact(run.api, { phone, ...first }),
    byEmail: await people.contact(run.api, { email, ...second }),
  };
}
const stateOf = (contact: any, channel: string): string | undefined => contact.consents.find((one: any) => one.channel === channel)?.state;

describe('two contacts that an input names together', () => {
  test('are one person from then on, the older one unless the other has an externalId', async () => {
    const { phone, email, byPhone, byEmail } = await two({ name: 'Sara' }, { language: 'ar', name: 'S.' });
    const merged = await people.contact(run.api, { phone, email, timeZone: 'Asia/Riyadh' });
    expect(merged).toMatchObject({ id: byPhone.id, phone, email, name: 'Sara', language: 'ar', timeZone: 'Asia/Riyadh' });
    expect((await readContact(run.api, byEmail.id)).id).toBe(byPhone.id);

    const later = await two({}, { externalId: 'M-1' });
    expect(await people.contact(run.api, { phone: later.phone, email: later.email })).toMatchObject({
      id: later.byEmail.id,
      externalId: 'M-1',
    });
  });

  test('are found by their old ids after several merges', async () => {
    const { phone, email, byPhone, byEmail } = await two();
    await people.contact(run.api, { phone, email });
    const { id } = await people.contact(run.api, { externalId: 'M-2' });
    expect((await people.contact(run.api, { externalId: 'M-2', phone })).id).toBe(id);
    for (const old of [byPhone.id, byEmail.id]) expect((await readContact(run.api, old)).id).toBe(id);
  });

  test('stay two where the caller knows them by two externalIds', async () => {
    const { phone, email } = await two({ externalId: 'M-3' }, { externalId: 'M-4' });
    const { upsertContact } = await run.api.mutate(UPSERT, { input: { phone, email, name: 'New' } });
    expect(upsertContact).toMatchObject({ contact: null, userErrors: [{ code: 'CONFLICT', field: ['externalId'] }] });
    const { contact } = await run.api.query(CONTACT, { ref: { phone } });
    expect(contact).toMatchObject({ externalId: 'M-3', email: null, name: null });
  });

  test('are withdrawn where one of them withdrew, and both histories stay whole', async () => {
    const { phone, email, byPhone, byEmail } = await two();
    await people.grant(run.api, { id: byPhone.id }, { channels: ['SMS', 'EMAIL'] });
    await people.grant(run.api, { id: byEmail.id }, { channels: ['WHATSAPP'] });
    await people.withdraw(run.api, { id: byEmail.id }, { channels: ['SMS'] });
    const merged = await people.contact(run.api, { phone, email });
    expect(['SMS', 'EMAIL', 'WHATSAPP'].map((channel) => stateOf(merged, channel))).toEqual(['WITHDRAWN', 'GRANTED', 'GRANTED']);
    expect(merged.consentHistory).toHaveLength(6);
    expect(merged.consentHistory.every(({ verified }: any) => verified)).toBe(true);
  });

  test('take what waits for them back where one of them withdrew', async () => {
    const { phone, email, byPhone, byEmail } = await two();
    await people.grant(run.api, { id: byPhone.id });
    const message = await given.scheduled(run.api, { to: phone });
    await people.withdraw(run.api, { id: byEmail.id });
    await people.contact(run.api, { phone, email });
    expect(await rowsOf(run, `select status from messages where id = '${message.id}'`)).toEqual([{ status: 'SUPPRESSED' }]);
  });

  test('are withdrawn only once no claim is under way to a number that one of them got while they were merged', async () => {
    const [{ phone, email, byPhone, byEmail }, added] = [await two(), newNumber()];
    const { id: third } = await people.contact(run.api, { phone: added });
    await people.withdraw(run.api, { id: byEmail.id });
    const message = await given.scheduled(run.api, { to: added });
    const { db } = run.app.core;
    let isAnswered = false;
    const merging = await db.transaction(async (claim) => {
      await sql`select pg_advisory_xact_lock_shared(address_place(tenant_id, to_hash)) from messages where id = ${message.id}`.execute(
        claim,
      );
      const merge = await db.transaction(async (tx) => {
        await sql`select from contacts where id = ${byPhone.id} for update`.execute(tx);
        const answer = people.contact(run.api, { phone, email }).finally(() => (isAnswered = true));
        await somebodyWaits(run);
        await sql`update contact_identities set contact_id = ${byPhone.id} where contact_id = ${third}`.execute(tx);
        return { answer };
      });
      await eventually(async () =>
        expect(isAnswered || (await rowsOf(run, `${LOCK_WAITS} and wait_event = 'advisory'`)).length === 1).toBe(true),
      );
      expect(isAnswered).toBe(false);
      return merge;
    });
    expect(stateOf(await merging.answer, 'SMS')).toBe('WITHDRAWN');
    expect(await rowsOf(run, `select status from messages where id = '${message.id}'`)).toEqual([{ status: 'SUPPRESSED' }]);
  });

  test('do not hear of what one of them had switched off', async () => {
    const { phone, email, byPhone, byEmail } = await two();
    const set = (id: string, enabled: boolean, topic: string) =>
      run.api.mutate(SET_PREFERENCES, { input: { contact: { id }, preferences: [{ topic, channel: 'SMS', enabled }] } });
    await set(byPhone.id, true, 'news');
    await set(byEmail.id, false, 'news');
    await set(byEmail.id, true, 'offers');
    const { preferences } = await people.contact(run.api, { phone, email });
    expect(preferences.map(({ topic, enabled }: any) => [topic, enabled])).toEqual([
      ['news', false],
      ['offers', true],
    ]);
  });

  test('merge once, however many find out at the same time, and the audit log tells', async () => {
    const { phone, email, byPhone, byEmail } = await two();
    const all = await Promise.all(Array.from({ length: 10 }, () => people.contact(run.api, { phone, email })));
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([byPhone.id]));
    const { auditLog } = await run.api.query(`{ auditLog(first: 50, action: "contact.merged") { nodes { subject detail } } }`);
    const entries = auditLog.nodes.filter(({ subject }: any) => subject === `contact:${byPhone.id}`);
    expect(entries).toEqual([{ subject: `contact:${byPhone.id}`, detail: { merged: byEmail.id } }]);
  });
});

describe('removeContactAddress', () => {
  test('frees a number for the person who has it now', async () => {
    const phone = newNumber();
    await people.contact(run.api, { externalId: 'R-1', phone });
    const input = { contact: { externalId: 'R-1' }, address: phone };
    expect((await people.removeAddress(run.api, input.contact, phone)).contact).toEqual({ phone: null, identities: [] });
    expect(await people.contact(run.api, { externalId: 'R-2', phone })).toMatchObject({ externalId: 'R-2', phone });
    const { removeContactAddress } = await run.api.mutate(REMOVE_ADDRESS, { input });
    expect(removeContactAddress.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['address'] }]);
  });

  test('takes it from the one who remains where who had it is merged meanwhile', async () => {
    const { phone, byPhone, byEmail } = await two({}, { externalId: 'R-3' });
    const [removing] = await run.app.core.db.transaction(async (tx) => {
      await lockContacts(tx, await tenantId(), [byPhone.id]);
      const removed = people.removeAddress(run.api, { phone }, phone);
      await somebodyWaits(run);
      await mergeContact(tx, await tenantId(), byPhone.id, byEmail.id, new Date());
      return [removed];
    });
    expect((await removing).contact.phone).toBeNull();
    const { auditLog } = await run.api.query(`{ auditLog(first: 1, action: "contact.addressRemoved") { nodes { subject } } }`);
    expect(auditLog.nodes).toEqual([{ subject: `contact:${byEmail.id}` }]);
  });
});
