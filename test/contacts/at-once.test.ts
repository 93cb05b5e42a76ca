import { afterAll, beforeAll, expect, test } from 'vitest';
import { people, readContact } from '../support/contacts.js';
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
