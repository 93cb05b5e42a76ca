import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockContacts, mergeContact } from '../../src/contacts/contact.queries.js';
import { people, readContact, SET_PREFERENCES } from '../support/contacts.js';
import { somebodyWaits } from '../support/lock-waits.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

const LINK = `mutation ($input: CreatePreferenceLinkInput!) { createPreferenceLink(input: $input) { token expiresAt userErrors { code field } } }`;
const PAGE_FIELDS = 'language expiresAt consents { channel category state } preferences { topic channel enabled }';
const PAGE = `query ($token: String!) { preferencePage(token: $token) { ${PAGE_FIELDS} } }`;
const UPDATE = `mutation ($input: UpdatePreferencePageInput!) {
  updatePreferencePage(input: $input) { page { ${PAGE_FIELDS} } userErrors { code field } }
}`;

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

let used = 0;
const person = (input: object = {}): Promise<any> => people.contact(run.api, { phone: numberOf(used++), ...input });
const set = async (id: string, preferences: object[]): Promise<any> =>
  (await run.api.mutate(SET_PREFERENCES, { input: { contact: { id }, preferences } })).setPreferences;
const linkTo = async (id: string, input: object = {}): Promise<any> =>
  (await run.api.mutate(LINK, { input: { contact: { id }, ...input } })).createPreferenceLink;
const pageOf = async (token: string, api = run.api): Promise<any> => (await api.query(PAGE, { token })).preferencePage;
const update = async (input: object, api = run.api): Promise<any> => (await api.mutate(UPDATE, { input })).updatePreferencePage;
const NEWS = { topic: 'news', channel: 'SMS', enabled: false };

const hundred = (n: number): object[] => Array.from({ length: 100 }, (_, topic) => ({ ...NEWS, enabled: true, topic: `t${n}-${topic}` }));

describe('setPreferences', () => {
  test('keeps what is not named, and the last of what is named twice', async () => {
    const { id } = await person();
    await set(id, [NEWS, { topic: 'offers', channel: 'WHATSAPP', enabled: true }]);
    const { contact } = await set(id, [NEWS, { ...NEWS, enabled: true }]);
    expect(contact.preferences).toEqual([
      { ...NEWS, enabled: true },
      { topic: 'offers', channel: 'WHATSAPP', enabled: true },
    ]);
  });

  test('refuses what no message can have as its topic, and too many, and changes nothing', async () => {
    const { id } = await person();
    expect((await set(id, [NEWS, { ...NEWS, topic: 'a b' }])).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['preferences', '1', 'topic'] },
    ]);
    const many = Array.from({ length: 101 }, (_, n) => ({ ...NEWS, topic: `t${n}` }));
    expect((await set(id, many)).userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['preferences'] }]);
    expect((await readContact(run.api, id)).preferences).toEqual([]);
  });
});

describe('the page behind a link', () => {
  test('shows a person what they agreed to, and no name or address', async () => {
    const { id } = await person({ language: 'ar', name: 'Sara' });
    await people.grant(run.api, { id });
    await set(id, [NEWS]);
    const { token, expiresAt } = await linkTo(id);
    const { sender } = await run.withTenant('demo');
    expect(await pageOf(token, sender)).toEqual({
      language: 'ar',
      expiresAt,
      consents: [{ channel: 'SMS', category: 'UTILITY', state: 'GRANTED' }],
      preferences: [NEWS],
    });
  });

  test('withdraws and sets preferences, and the history tells from where', async () => {
    const { id } = await person();
    await people.grant(run.api, { id });
    const { token } = await linkTo(id);
    const withdraw = [{ channels: ['SMS'], categories: ['UTILITY', 'MARKETING'] }];
    const { page, userErrors } = await update({ token, withdraw, preferences: [NEWS], evidence: { ip: '203.0.113.7' } });
    expect(userErrors).toEqual([]);
    expect(page.consents.map(({ state }: any) => state)).toEqual(['WITHDRAWN', 'WITHDRAWN']);
    expect(page.preferences).toEqual([NEWS]);
    expect((await readContact(run.api, id)).consentHistory.at(-1)).toMatchObject({ source: 'WEB_FORM', evidence: { ip: '203.0.113.7' } });
  });

  test('withdraws nothing where it refuses what would be too many preferences', async () => {
    const { id } = await person();
    await people.grant(run.api, { id });
    for (const n of [1, 2, 3, 4, 5]) await set(id, hundred(n));
    const { token } = await linkTo(id);
    const withdraw = [{ channels: ['SMS'], categories: ['UTILITY'] }];
    const before = await pageOf(token);
    const { page, userErrors } = await update({ token, withdraw, preferences: hundred(6) });
    expect([page, userErrors]).toEqual([null, [{ code: 'INVALID_INPUT', field: ['preferences'] }]]);
    expect(await pageOf(token)).toEqual(before);
    expect((await readContact(run.api, id)).consentHistory).toHaveLength(1);
  });

  test('switches off what was there already of who was two, with more preferences than one may have, and adds none', async () => {
    const [one, two] = [await person(), await people.contact(run.api, { email: 'two@example.org' })];
    for (const n of [1, 2, 3]) await set(one.id, hundred(n));
    for (const n of [4, 5, 6]) await set(two.id, hundred(n));
    const { id } = await people.contact(run.api, { phone: one.phone, email: 'two@example.org' });
    const { token } = await linkTo(id);
    const off = { ...NEWS, topic: 't6-99' };
    const { page, userErrors } = await update({ token, preferences: [off] });
    expect([userErrors, page.preferences]).toEqual([[], expect.arrayContaining([off])]);
    const before = await pageOf(token);
    const refused = await update({ token, preferences: [{ ...off, enabled: true }, NEWS] });
    expect(refused).toEqual({ page: null, userErrors: [{ code: 'INVALID_INPUT', field: ['preferences'] }] });
    expect(await pageOf(token)).toEqual(before);
  });

  test('shows what it has changed, also where the person is merged meanwhile', async () => {
    const [{ id }, { id: remaining }] = [await person(), await person()];
    await people.grant(run.api, { id }, { categories: ['MARKETING'] });
    const { token } = await linkTo(id);
    const tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
    const [updating] = await run.app.core.db.transaction(async (tx) => {
      await lockContacts(tx, tenantId, [id]);
      const updated = update({ token, preferences: [NEWS], withdraw: [{ channels: ['SMS'], categories: ['MARKETING'] }] });
      await somebodyWaits(run);
      await mergeContact(tx, tenantId, id, remaining, new Date());
      return [updated];
    });
    const changed = { consents: [{ channel: 'SMS', category: 'MARKETING', state: 'WITHDRAWN' }], preferences: [NEWS] };
    expect(await updating).toMatchObject({ page: changed, userErrors: [] });
    expect(await pageOf(token)).toMatchObject(changed);
  });

  test('is nobody’s with a token that was changed, has expired, or belongs to another tenant', async () => {
    const { id } = await person();
    const { token } = await linkTo(id);
    const { admin } = await run.withTenant('stranger');
    const changed = (at: number): string => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    for (const wrong of [changed(0), changed(24), changed(40), token.slice(1), `${token}A`, '', 'x'.repeat(10_000)])
      expect(await pageOf(wrong)).toBeNull();
    expect(await pageOf(token, admin)).toBeNull();
    expect((await update({ token, preferences: [NEWS] }, admin)).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['token'] }]);
    const { token: old } = await linkTo(id, { validSeconds: 60 });
    await rowsOf(run, `update contacts set erased_at = now() where id = '${id}'`);
    expect(await pageOf(old)).toBeNull();
    expect((await linkTo(id)).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['contact'] }]);
  });

  test('is for people who have been given a link, for a year at most', async () => {
    const { id } = await person();
    for (const validSeconds of [59, 366 * 86_400 + 1])
      expect((await linkTo(id, { validSeconds })).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['validSeconds'] }]);
    const { sender } = await run.withTenant('demo');
    expect(await sender.execute(LINK, { input: { contact: { id } } })).toMatchObject({ code: 'FORBIDDEN' });
  });
});

test('a withdrawal that names nothing is pointed at, and nothing is changed', async () => {
  const { id } = await person();
  await people.grant(run.api, { id });
  const { token } = await linkTo(id);
  const withdraw = [
    { channels: ['SMS'], categories: ['UTILITY'] },
    { channels: [], categories: ['UTILITY'] },
  ];
  const { userErrors } = await update({ token, withdraw });
  expect(userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['withdraw', '1', 'channels'] }]);
  const many = await update({ token, withdraw: [...withdraw, ...Array.from({ length: 11 }, () => ({ channels: [], categories: [] }))] });
  expect(many.userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['withdraw'] }]);
  expect((await pageOf(token)).consents).not.toContainEqual(expect.objectContaining({ state: 'WITHDRAWN' }));
});
