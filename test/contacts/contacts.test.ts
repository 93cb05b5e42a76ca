import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTACT, CONTACTS, people, readContact, UPSERT } from '../support/contacts.js';
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
const refusals = async (input: object): Promise<unknown> =>
  (await run.api.mutate(UPSERT, { input })).upsertContact.userErrors.map(({ code, field }: any) => [code, ...field]);
const contacts = async (): Promise<number> => (await rowsOf<{ n: number }>(run, 'select count(*)::int as n from contacts'))[0]?.n ?? 0;
const find = async (ref: object): Promise<any> => (await run.api.query(CONTACT, { ref })).contact;

describe('upsertContact', () => {
  test('makes a person who is found by every name that was given', async () => {
    const phone = newNumber();
    const given = { externalId: 'P-1', phone, email: 'Sara@Example.org', name: ' Sara ', language: 'ar-sa', timeZone: 'Asia/Riyadh' };
    const contact = await people.contact(run.api, given);
    expect(contact).toMatchObject({ externalId: 'P-1', phone, email: 'sara@example.org', name: 'Sara', language: 'ar-SA' });
    for (const ref of [{ id: contact.id }, { externalId: 'P-1' }, { phone }, { email: 'SARA@example.org' }])
      expect((await find(ref)).id).toBe(contact.id);
  });

  test('leaves what is left out, and null takes away', async () => {
    const phone = newNumber();
    const { id } = await people.contact(run.api, { phone, name: 'Ali', language: 'en', timeZone: 'UTC' });
    expect(await people.contact(run.api, { phone, language: null })).toMatchObject({ id, name: 'Ali', language: null, timeZone: 'UTC' });
    expect(await people.contact(run.api, { phone, name: null })).toMatchObject({ id, name: null, timeZone: 'UTC' });
  });

  test('knows a person on WhatsApp who shows no number, each id within its sender', async () => {
    const contact = await people.contact(run.api, { whatsAppUserId: 'SA.13491208655302741918', whatsAppScope: 'clinic' });
    expect(contact).toMatchObject({
      phone: null,
      identities: [{ channel: 'WHATSAPP', address: 'SA.13491208655302741918', scope: 'clinic', lastSeenAt: null }],
    });
  });

  test.each(['shop', null])('knows a person for a sender that is named afterwards, or for all: %s', async (whatsAppScope) => {
    const [whatsAppUserId, externalId] = [`SA.2000${whatsAppScope}`, `for-${whatsAppScope}`];
    const { id } = await people.contact(run.api, { externalId, whatsAppUserId, whatsAppScope: 'clinic' });
    await people.contact(run.api, { externalId, whatsAppUserId, whatsAppScope });
    const again = await people.contact(run.api, { whatsAppUserId, whatsAppScope: 'shop' });
    expect(again).toMatchObject({ id, identities: [{ scope: whatsAppScope }, { scope: 'clinic' }] });
  });

  test('knows a person again whose ids hold half a surrogate pair', async () => {
    const input = { externalId: 'P\ud83d', whatsAppUserId: 'SA.3000', whatsAppScope: 'clinic \ud83d' };
    const { id } = await people.contact(run.api, input);
    expect(await people.contact(run.api, input)).toMatchObject({ id, externalId: 'P\ufffd', identities: [{ scope: 'clinic \ufffd' }] });
    expect((await find({ externalId: 'P\ud83d' })).id).toBe(id);
  });

  test('uses the number that was named last, and knows the others', async () => {
    const [old, fresh] = [newNumber(), newNumber()];
    await people.contact(run.api, { externalId: 'P-2', phone: old });
    const contact = await people.contact(run.api, { externalId: 'P-2', phone: fresh });
    expect(contact.phone).toBe(fresh);
    expect(contact.identities.map(({ address }: any) => address)).toEqual([fresh, old]);
    expect((await people.contact(run.api, { externalId: 'P-2', phone: old })).phone).toBe(old);
  });

  test.each<[object, unknown[]]>([
    [{}, [['INVALID_INPUT', 'externalId']]],
    [{ phone: '12' }, [['INVALID_PHONE_NUMBER', 'phone']]],
    [{ email: 'nobody' }, [['INVALID_EMAIL', 'email']]],
    [{ email: `${'a'.repeat(250)}@b.org` }, [['INVALID_EMAIL', 'email']]],
    [{ externalId: 'P-0', phone: '' }, [['INVALID_PHONE_NUMBER', 'phone']]],
    [{ externalId: 'P-0', email: '' }, [['INVALID_EMAIL', 'email']]],
    [{ externalId: 'P-0', whatsAppUserId: '' }, [['INVALID_INPUT', 'whatsAppUserId']]],
    [{ whatsAppUserId: '+966500000001' }, [['INVALID_INPUT', 'whatsAppUserId']]],
    [{ externalId: '' }, [['INVALID_INPUT', 'externalId']]],
    [
      { externalId: 'x'.repeat(256), name: 'n'.repeat(201), phone: '1' },
      [
        ['INVALID_PHONE_NUMBER', 'phone'],
        ['INVALID_INPUT', 'externalId'],
        ['INVALID_INPUT', 'name'],
      ],
    ],
  ])('refuses %o, and stores nothing', async (input, expected) => {
    const before = await contacts();
    expect(await refusals(input)).toEqual(expected);
    expect(await contacts()).toBe(before);
  });

  test('makes one contact of one person, however many name them at once', async () => {
    const phone = newNumber();
    const inputs = Array.from({ length: 20 }, (_, n) =>
      n % 2 ? { phone, email: 'once@example.org' } : { email: 'once@example.org', phone },
    );
    const made = await Promise.all(inputs.map((input) => people.contact(run.api, input)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(made[0].identities).toHaveLength(2);
  });
});

describe('what is stored of a person', () => {
  test('holds neither name nor address in plain text', async () => {
    await people.contact(run.api, { phone: '+14155550177', email: 'secret@example.org', name: 'Secretname' });
    const rows = JSON.stringify(
      await rowsOf(run, 'select to_jsonb(k), to_jsonb(i) from contacts k join contact_identities i on i.contact_id = k.id'),
    );
    for (const plain of ['4155550177', 'secret@', 'Secretname']) {
      expect(rows).not.toContain(plain);
      expect(rows).not.toContain(Buffer.from(plain).toString('hex'));
    }
  });

  test('is masked for a VIEWER', async () => {
    const { admin, viewer } = await run.withTenant('masked');
    const { id } = await people.contact(admin, { phone: '+966500000567', email: 'sara@example.org', name: 'Sara' });
    expect(await readContact(viewer, id)).toMatchObject({
      name: '•••',
      phone: '+9665•••••567',
      email: 's•••@e•••.org',
      identities: [{ address: expect.stringContaining('•••') }, { address: expect.stringContaining('•••') }],
    });
  });
});

describe('contacts', () => {
  test('are searched by whole addresses and ids, and listed newest first, page by page', async () => {
    const { admin } = await run.withTenant('lists');
    const list = async (variables: Record<string, unknown>) => (await admin.query(CONTACTS, variables)).contacts;
    const made = [];
    for (const n of [1, 2, 3])
      made.push(await people.contact(admin, { externalId: `L-${n}`, phone: newNumber(), email: `l${n}@example.org` }));
    for (const search of ['L-2', made[1].phone, 'L2@example.org', ` ${made[1].phone} `])
      expect((await list({ filter: { search } })).nodes).toEqual([{ id: made[1].id, externalId: 'L-2' }]);
    expect((await list({ filter: { search: 'Sara' } })).nodes).toEqual([]);
    const page = await list({ first: 2 });
    expect(page).toMatchObject({ nodes: [{ externalId: 'L-3' }, { externalId: 'L-2' }], totalCount: 3 });
    expect((await list({ first: 2, after: page.pageInfo.endCursor })).nodes).toEqual([{ id: made[0].id, externalId: 'L-1' }]);
  });

  test('are found by a whole externalId that begins or ends with a blank, and by one that a blank was typed to', async () => {
    const { admin } = await run.withTenant('blanks');
    for (const externalId of [' B 7 ', 'B 8']) await people.contact(admin, { externalId });
    const names = async (search: string) =>
      (await admin.query(CONTACTS, { filter: { search } })).contacts.nodes.map(({ externalId }: any) => externalId);
    expect([await names(' B 7 '), await names('B 7'), await names(' B 8 ')]).toEqual([[' B 7 '], [], ['B 8']]);
  });

  test('are filtered by consent and channel; an expired grant is none', async () => {
    const { admin } = await run.withTenant('filters');
    const names = async (filter: object) =>
      (await admin.query(CONTACTS, { filter })).contacts.nodes.map(({ externalId }: any) => externalId);
    for (const externalId of ['granted', 'expired', 'withdrawn', 'none']) await people.contact(admin, { externalId, phone: newNumber() });
    await people.contact(admin, { externalId: 'mail', email: 'mail@example.org' });
    await people.grant(admin, { externalId: 'granted' });
    await people.grant(admin, { externalId: 'expired' }, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await rowsOf(run, `update consents set expires_at = now() - interval '1 second' where expires_at is not null`);
    await people.withdraw(admin, { externalId: 'withdrawn' });
    expect(await names({ consent: 'GRANTED' })).toEqual(['granted']);
    expect(await names({ consent: 'GRANTED', channel: 'WHATSAPP' })).toEqual([]);
    expect(await names({ consent: 'WITHDRAWN', channel: 'SMS' })).toEqual(['withdrawn']);
    expect(await names({ consent: 'NONE' })).toEqual(['mail', 'none', 'expired']);
    expect(await names({ channel: 'WHATSAPP' })).toHaveLength(4);
    expect(await names({ channel: 'EMAIL' })).toEqual(['mail']);
  });

  test('need exactly one name', async () => {
    for (const ref of [{}, { externalId: 'a', phone: '+14155550100' }])
      expect(await run.api.execute(CONTACT, { ref })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await find({ externalId: 'nobody' })).toBeNull();
    expect(await find({ id: 'nobody' })).toBeNull();
  });
});
