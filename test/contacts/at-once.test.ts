import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContactImport } from '../../src/contacts/contact-import.js';
import { people, readContact, UPSERT } from '../support/contacts.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

test('merges, withdrawals, grants and first messages of the same people, all at once, end in whole chains and one contact each', async () => {
  const { db, people: core } = run.app.core;
  const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
  const persons = Array.from({ length: 8 }, (_, n) => ({ phone: numberOf(n), email: `p${n}@example.org` }));
  const inbound = (phone: string) =>
    db.transaction((tx) =>
      core.contacts.contactOfAddress(tx, { tenantId, address: { channel: 'SMS', address: phone, scope: '' }, at: new Date() }),
    );
  await Promise.all(persons.flatMap(({ phone, email }) => [people.contact(run.api, { phone }), people.contact(run.api, { email })]));
  await Promise.all(
    persons.flatMap(({ phone, email }) => [
      people.grant(run.api, { phone }, { channels: ['SMS', 'EMAIL'] }),
      people.withdraw(run.api, { email }, { channels: ['EMAIL'] }),
      people.contact(run.api, { phone, email }),
      people.contact(run.api, { email, phone }),
      people.grant(run.api, { email }, { categories: ['MARKETING'] }),
      people.withdraw(run.api, { phone }, { categories: ['MARKETING'] }),
      inbound(phone),
    ]),
  );
  const left = await rowsOf<{ id: string }>(run, 'select id from contacts where merged_into is null');
  expect(left).toHaveLength(persons.length);
  for (const { id } of left) {
    const { consentHistory, identities } = await readContact(run.api, id);
    expect(identities).toHaveLength(2);
    expect(consentHistory.length).toBeGreaterThan(3);
    expect(consentHistory.every(({ verified }: any) => verified)).toBe(true);
  }
});

test('the first messages of somebody unknown, all at once, make one contact who was seen', async () => {
  const { db, people: core } = run.app.core;
  const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
  const at = new Date('2026-05-01T10:00:00.000Z');
  const address = { channel: 'WHATSAPP' as const, address: 'SA.777', scope: 'clinic' };
  const first = (name: string) => db.transaction((tx) => core.contacts.contactOfAddress(tx, { tenantId, address, at, name }));
  const met = await Promise.all(Array.from({ length: 10 }, (_, n) => first(`Name ${n}`)));
  expect(new Set(met.map(({ id }) => id)).size).toBe(1);
  const contact = await readContact(run.api, met[0]?.id ?? '');
  expect(contact.name).toMatch(/^Name \d$/);
  expect(contact.identities).toEqual([{ channel: 'WHATSAPP', address: 'SA.777', scope: 'clinic', lastSeenAt: at.toISOString() }]);
});

test('a user id that is named without its account while its first message from there comes in is one contact', async () => {
  const { db, people: core } = run.app.core;
  const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
  const address = { channel: 'WHATSAPP' as const, address: 'SA.778', scope: 'clinic' };
  const [met, naming] = await db.transaction(async (tx) => {
    const contact = await core.contacts.contactOfAddress(tx, { tenantId, address, at: new Date() });
    const upsert = people.contact(run.api, { whatsAppUserId: address.address });
    await pause(150);
    return [contact, upsert.then(({ id }) => id)] as const;
  });
  expect(await naming).toBe(met.id);
  expect((await readContact(run.api, met.id)).identities).toMatchObject([{ scope: null }, { scope: 'clinic' }]);
});

test.each([
  ['', 'clinic'],
  ['clinic', null],
])(
  'a user id that a file gives to somebody (account: %s) is not given to somebody else at once (account: %s)',
  async (scope, whatsAppScope) => {
    const { db, sealer, index } = run.app.core;
    const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
    const whatsAppUserId = `SA.779${scope}`;
    const draft = { externalId: `file ${scope}`, addresses: [{ channel: 'WHATSAPP' as const, address: whatsAppUserId, scope }] };
    const input = { externalId: `other ${scope}`, whatsAppUserId, whatsAppScope };
    const [naming] = await db.transaction(async (tx) => {
      await new ContactImport(sealer, index).within(tx, tenantId, [{ name: null, language: null, timeZone: null, ...draft }], new Date());
      const upsert = run.api.mutate(UPSERT, { input });
      await pause(150);
      return [upsert];
    });
    expect((await naming).upsertContact).toMatchObject({ contact: null, userErrors: [{ code: 'CONFLICT' }] });
    const { contacts } = await run.api.query('query ($search: String) { contacts(filter: { search: $search }) { totalCount } }', {
      search: whatsAppUserId,
    });
    expect(contacts).toEqual({ totalCount: 1 });
  },
);
