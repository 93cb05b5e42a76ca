import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.js';
import { CONFIRM_OPT_IN, people, readContact, REQUEST_OPT_IN } from '../support/contacts.js';
import { reached } from '../support/given.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

let used = 0;
const person = (input: object = {}): Promise<any> => people.contact(run.api, { phone: numberOf(used++), ...input });
const ask = async (id: string, input: object = {}): Promise<any> => {
  const question = { contact: { id }, channel: 'SMS', categories: ['MARKETING'], statement: 'May we send you offers?' };
  const { requestOptIn } = await run.api.mutate(REQUEST_OPT_IN, { input: { ...question, ...input } });
  if (requestOptIn.token) await reached(run.api, id);
  return requestOptIn;
};
const confirm = async (token: string, api = run.api): Promise<any> => (await api.mutate(CONFIRM_OPT_IN, { input: { token } })).confirmOptIn;
const statesOf = (consents: any[]): string[] => consents.map(({ category, state }) => `${category} ${state}`);
const tenantId = async (): Promise<string> => (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
const asked = async (phone: string): Promise<string[]> =>
  (await run.api.query('query ($to: String) { messages(filter: { to: $to }) { nodes { body } } }', { to: phone })).messages.nodes.map(
    ({ body }: any) => body,
  );
const answer = async ({ phone }: any, evidence = {}) =>
  run.app.core.db.transaction(async (tx) =>
    run.app.core.optIns.answer(tx, { tenantId: await tenantId(), address: phone, channel: 'SMS', at: new Date(), evidence }),
  );
/** A message that was journalled at that time, and is applied only now. */
const writes = ({ phone }: any, body: string, receivedAt = new Date()): Promise<void> => {
  const message = { channel: 'SMS' as const, from: phone, to: '+14155550199', body, mediaUrls: [], providerMessageId: `opt-in-${used++}` };
  return run.app.core.inbox.inbound.receive({
    id: newId(),
    provider: 'simulator',
    message,
    receivedAt,
    settle: () => Promise.resolve(true),
  });
};
/** As a list for SQL. */
const questionOf = ({ id }: any): string => `(select 'opt-in:' || id from opt_in_requests where contact_id = '${id}')`;
const marketingOf = async ({ id }: any): Promise<string[]> => statesOf((await readContact(run.api, id)).consents);

describe('requestOptIn', () => {
  test('asks on the channel, in the language of the person, and waits for the answer', async () => {
    const contact = await person({ language: 'ar-SA' });
    const { consents, token } = await ask(contact.id, { confirmUrl: 'https://clinic.example/agree/{token}' });
    expect(statesOf(consents)).toEqual(['MARKETING PENDING']);
    expect(await asked(contact.phone)).toEqual([
      `May we send you offers?\nأرسل نعم للموافقة أو إيقاف للرفض.\nأو افتح https://clinic.example/agree/${token}`,
    ]);
  });

  test('asks nothing that is granted already', async () => {
    const contact = await person();
    await people.grant(run.api, { id: contact.id }, { categories: ['MARKETING'] });
    const before = await footprint(run);
    expect(await ask(contact.id)).toMatchObject({ token: null, userErrors: [] });
    expect(await footprint(run)).toEqual(before);
  });

  test('records nothing where the question cannot be sent', async () => {
    const contact = await person({ email: `o${used}@example.org` });
    const { userErrors } = await ask(contact.id, { channel: 'EMAIL' });
    expect(userErrors).toMatchObject([{ code: 'CHANNEL_UNAVAILABLE', field: ['channel'] }]);
    expect((await readContact(run.api, contact.id)).consentHistory).toEqual([]);
    expect(await rowsOf(run, `select id from opt_in_requests where contact_id = '${contact.id}'`)).toEqual([]);
  });

  test('asks by a message that goes out only while an answer counts', async () => {
    const contact = await person();
    await ask(contact.id, { validSeconds: 3600 });
    const times = `select m.expires_at = o.expires_at as same from messages m join opt_in_requests o on m.reference = 'opt-in:' || o.id`;
    expect(await rowsOf(run, `${times} where o.contact_id = '${contact.id}'`)).toEqual([{ same: true }]);
  });

  test('is refused in quiet hours that outlast the time in which an answer counts, and asks nothing', async () => {
    const { admin } = await run.withTenant('asleep');
    const clock = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    const quietHours = { start: clock(-1), end: clock(2), categories: ['SERVICE'] };
    await admin.mutate('mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { code } } }', {
      input: { quietHours },
    });
    const contact = await people.contact(admin, { phone: numberOf(used++) });
    const before = await footprint(run);
    const input = { contact: { id: contact.id }, channel: 'SMS', categories: ['MARKETING'], statement: 'Offers?', validSeconds: 3600 };
    const { requestOptIn } = await admin.mutate(REQUEST_OPT_IN, { input });
    expect(requestOptIn).toMatchObject({ token: null, userErrors: [{ code: 'QUIET_HOURS', field: ['validSeconds'] }] });
    expect(await footprint(run)).toEqual(before);
    expect(await rowsOf(run, `select id from opt_in_requests where contact_id = '${contact.id}'`)).toEqual([]);
  });

  test('of somebody who wants none of it is refused, at the contact', async () => {
    const contact = await person();
    await people.withdraw(run.api, { id: contact.id }, { categories: ['SERVICE', 'MARKETING'] });
    expect((await ask(contact.id)).userErrors).toMatchObject([{ code: 'OPTED_OUT', field: ['contact'] }]);
  });

  test.each([
    [{ statement: ' ' }, 'statement'],
    [{ categories: [] }, 'categories'],
    [{ validSeconds: 59 }, 'validSeconds'],
    [{ confirmUrl: 'https://clinic.example/agree' }, 'confirmUrl'],
    [{ confirmUrl: 'javascript:{token}' }, 'confirmUrl'],
    [{ channel: 'WHATSAPP', contact: { externalId: 'mail-only' } }, 'channel'],
  ])('refuses %o, and asks nothing', async (input, field) => {
    await people.contact(run.api, { externalId: 'mail-only', email: 'only@example.org' });
    const before = await footprint(run);
    expect((await ask((await person()).id, input)).userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: [field] }]);
    expect(await footprint(run)).toEqual(before);
  });
});

describe('an answer', () => {
  test('by link grants what was asked, once, with the question as its proof', async () => {
    const { id } = await person();
    const { token } = await ask(id);
    const { sender } = await run.withTenant('demo');
    expect(statesOf((await confirm(token, sender)).consents)).toEqual(['MARKETING GRANTED']);
    expect((await confirm(token)).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['token'] }]);
    const { consentHistory } = await readContact(run.api, id);
    expect(consentHistory.map(({ from, to, source }: any) => [from, to, source])).toEqual([
      ['NONE', 'PENDING', 'DOUBLE_OPT_IN'],
      ['PENDING', 'GRANTED', 'DOUBLE_OPT_IN'],
    ]);
    expect(consentHistory[1]).toMatchObject({ statement: 'May we send you offers?', evidence: { by: 'LINK' } });
  });

  test('by message grants what was asked last on that channel, once', async () => {
    const contact = await person();
    await ask(contact.id);
    await ask(contact.id, { categories: ['UTILITY'], statement: 'And reminders?' });
    expect(await answer(contact, { text: 'YES' })).toHaveLength(1);
    expect(await answer(contact)).toBeNull();
    const { consents, consentHistory } = await readContact(run.api, contact.id);
    expect(statesOf(consents)).toEqual(['MARKETING PENDING', 'UTILITY GRANTED']);
    expect(consentHistory.at(-1)).toMatchObject({ actor: null, statement: 'And reminders?', evidence: { by: 'REPLY', text: 'YES' } });
  });

  test('that was written before the question went out grants nothing, however late it is applied', async () => {
    const contact = await person();
    await ask(contact.id);
    await writes(contact, 'YES', new Date(Date.now() - 60_000));
    expect(await marketingOf(contact)).toEqual(['MARKETING PENDING']);
    await writes(contact, 'YES');
    expect(await marketingOf(contact)).toEqual(['MARKETING GRANTED']);
  });

  test.each([
    ['MARKETING GRANTED', ['SENDING', 'UNCONFIRMED', 'SENT', 'DELIVERED', 'READ']],
    ['MARKETING PENDING', ['SCHEDULED', 'QUEUED', 'FAILED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED']],
  ])('by message leaves it %s where the question is %o', async (expected, statuses) => {
    for (const status of statuses) {
      const contact = await person();
      await ask(contact.id);
      await rowsOf(
        run,
        `update messages set status = '${status}', lease_until = null, hint_at = null where reference in ${questionOf(contact)}`,
      );
      await writes(contact, 'ok');
      expect([status, await marketingOf(contact)]).toEqual([status, [expected]]);
    }
  });

  test('by message grants nothing where the question was never stored as a message', async () => {
    const contact = await person();
    await ask(contact.id);
    await rowsOf(run, `delete from messages where reference in ${questionOf(contact)}`);
    await writes(contact, 'yes');
    expect(await marketingOf(contact)).toEqual(['MARKETING PENDING']);
  });

  test('means the question that went out, and leaves the one that waits for its own answer', async () => {
    const contact = await person();
    await ask(contact.id);
    await ask(contact.id, { categories: ['UTILITY'], statement: 'And reminders?' });
    const waiting = `reference in (select 'opt-in:' || id from opt_in_requests where contact_id = '${contact.id}' and categories = '{UTILITY}')`;
    await rowsOf(run, `update messages set status = 'SCHEDULED', asked_at = null, due_at = now() + interval '1 hour' where ${waiting}`);
    await writes(contact, 'yes');
    expect(await marketingOf(contact)).toEqual(['MARKETING GRANTED', 'UTILITY PENDING']);
    await rowsOf(run, `update messages set status = 'SENT', asked_at = now() where ${waiting}`);
    await writes(contact, 'yes');
    expect(await marketingOf(contact)).toEqual(['MARKETING GRANTED', 'UTILITY GRANTED']);
  });

  test('takes back what a caller had withdrawn before', async () => {
    const contact = await person();
    await people.withdraw(run.api, { id: contact.id }, { categories: ['MARKETING'], source: 'VERBAL' });
    await ask(contact.id);
    await answer(contact);
    expect(statesOf((await readContact(run.api, contact.id)).consents)).toEqual(['MARKETING GRANTED']);
    expect(await rowsOf(run, `select category from suppressions where source = 'VERBAL'`)).toEqual([]);
  });

  test('counts for nothing once the question has expired, or the person has withdrawn', async () => {
    const [late, gone] = [await person(), await person()];
    const tokens = [(await ask(late.id)).token, (await ask(gone.id)).token];
    await rowsOf(run, `update opt_in_requests set expires_at = now() - interval '1 second' where contact_id = '${late.id}'`);
    await people.withdraw(run.api, { id: gone.id }, { categories: ['MARKETING'] });
    for (const token of tokens) expect((await confirm(token)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    for (const contact of [late, gone]) expect(await answer(contact)).toBeNull();
    expect(statesOf((await readContact(run.api, gone.id)).consents)).toEqual(['MARKETING WITHDRAWN']);
  });

  test('with a token of another tenant, or none at all, finds nothing', async () => {
    const { token } = await ask((await person()).id);
    const { admin } = await run.withTenant('stranger');
    expect((await confirm(token, admin)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await confirm('')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await rowsOf(run, `select id from opt_in_requests where encode(token_hash, 'escape') like '%${token}%'`)).toEqual([]);
  });
});
