import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccountEvents } from '../../src/accounts/account-events.js';
import { Tenant } from '../../src/accounts/tenant.entity.js';
import { TenantService } from '../../src/accounts/tenant.service.js';
import { startEdge, type TestEdge } from '../graphql/edge.js';

const UPDATE = `mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) {
  tenant { name timeZone defaultCountry currency quietHours { start end categories } messagingEnabled retentionDays impliedConsent allowedCountries frequencyCaps { category max perSeconds } }
  userErrors { code field }
} }`;
const ALL = {
  name: 'North Clinic',
  timeZone: 'Asia/Riyadh',
  defaultCountry: 'SA',
  currency: 'SAR',
  quietHours: { start: '21:00', end: '08:00', categories: ['MARKETING', 'UTILITY'] },
  messagingEnabled: true,
  retentionDays: 30,
  impliedConsent: ['UTILITY'],
  allowedCountries: ['SA', 'AE'],
  frequencyCaps: [{ category: 'MARKETING', max: 3, perSeconds: 604_800 }],
};

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

const update = async (input: object, api = edge.admin) => (await api.mutate(UPDATE, { input })).updateTenant;
const lastChange = async () =>
  (await edge.admin.query('{ auditLog(first: 1) { nodes { action subject actor detail } } }')).auditLog.nodes[0];

describe('updateTenant', () => {
  test('sets everything that can be set', async () => {
    expect(await update(ALL)).toEqual({ tenant: ALL, userErrors: [] });
    expect((await edge.admin.query(`{ viewer { tenant { name quietHours { start end categories } } } }`)).viewer.tenant).toEqual({
      name: ALL.name,
      quietHours: ALL.quietHours,
    });
  });

  test('leaves what is left out, and null takes away', async () => {
    await update(ALL);
    const { tenant } = await update({
      quietHours: null,
      allowedCountries: null,
      defaultCountry: null,
      frequencyCaps: null,
      impliedConsent: null,
    });
    expect(tenant).toEqual({
      ...ALL,
      quietHours: null,
      allowedCountries: null,
      defaultCountry: null,
      frequencyCaps: [],
      impliedConsent: [],
    });
  });

  test('is audited with each setting before and after, and only when something changed', async () => {
    await update({ ...ALL, name: 'Before' });
    await update({ ...ALL, name: 'After' });
    const entry = {
      action: 'tenant.updated',
      subject: `tenant:${edge.tenantId}`,
      actor: 'First key',
      detail: { before: { name: 'Before' }, after: { name: 'After' } },
    };
    expect(await lastChange()).toEqual(entry);
    await update({ retentionDays: 30, frequencyCaps: ALL.frequencyCaps, quietHours: ALL.quietHours });
    expect(await lastChange()).toEqual(entry);
  });

  test('tells everything that is wrong and changes nothing', async () => {
    await update(ALL);
    const { tenant, userErrors } = await update({ name: 'Changed', currency: 'GOLD', retentionDays: 0, impliedConsent: ['MARKETING'] });
    expect(tenant).toBeNull();
    expect(userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['currency'] },
      { code: 'INVALID_INPUT', field: ['retentionDays'] },
      { code: 'INVALID_INPUT', field: ['impliedConsent'] },
    ]);
    expect((await edge.accounts.tenants.settings(edge.tenantId)).name).toBe('North Clinic');
  });

  test('tells what is wrong with settings together beside what is wrong with each', async () => {
    await update(ALL);
    const caps = [{ category: 'MARKETING', max: 1, perSeconds: 2 * 86_400 }];
    const { userErrors } = await update({ name: ' ', retentionDays: 1, frequencyCaps: caps });
    expect(userErrors.map(({ field }: any) => field.join('.'))).toEqual(['name', 'frequencyCaps.0.perSeconds']);
    expect(await edge.accounts.tenants.settings(edge.tenantId)).toMatchObject({ name: ALL.name, retentionDays: ALL.retentionDays });
  });

  test('names the place of a country in the input, though another one stands there twice', async () => {
    const { userErrors } = await update({ allowedCountries: ['SA', 'sa', 'XX'] });
    expect(userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['allowedCountries', '2'] }]);
  });

  test('a time zone that does not exist is an error of the request', async () => {
    expect(await edge.admin.execute(UPDATE, { input: { timeZone: 'Mars/Base' } })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test('reaches the own tenant only', async () => {
    const other = await edge.accounts.tenants.create('test', { slug: 'south', name: 'South' });
    const { api } = await edge.key('ADMIN', { tenantId: other.id });
    await update({ name: 'South Clinic' }, api);
    expect((await edge.accounts.tenants.settings(edge.tenantId)).name).toBe('North Clinic');
    expect((await edge.accounts.tenants.settings(other.id)).name).toBe('South Clinic');
  });
});

describe('settings', () => {
  test('are fresh at once in the process that changed them', async () => {
    await edge.accounts.tenants.settings(edge.tenantId);
    await update({ name: 'Fresh' });
    expect((await edge.accounts.tenants.settings(edge.tenantId)).name).toBe('Fresh');
  });

  test('are read although they change meanwhile', async () => {
    const events = new AccountEvents();
    const tenants = new TenantService(edge.db, edge.accounts.audit, events);
    const asked = tenants.settings(edge.tenantId);
    events.publishChanged(edge.tenantId);
    expect(await asked).toMatchObject({ currency: expect.any(String) });
  });

  test('are forgotten by another process when it hears of a change, and remembered until then', async () => {
    const events = new AccountEvents();
    const elsewhere = new TenantService(edge.db, edge.accounts.audit, events);
    await update({ name: 'Old' });
    await elsewhere.settings(edge.tenantId);
    await update({ name: 'New' });
    expect((await elsewhere.settings(edge.tenantId)).name).toBe('Old');
    events.publishChanged(edge.tenantId);
    expect((await elsewhere.settings(edge.tenantId)).name).toBe('New');
  });

  test('of an unknown tenant are an error', async () => {
    await expect(edge.accounts.tenants.settings('00000000-0000-7000-8000-000000000000')).rejects.toThrow();
  });
});

describe('a new tenant', () => {
  test.each(['', 'Upper', '-x', 'a_b', 'x'.repeat(64)])('cannot be called %j', async (slug) => {
    await expect(edge.accounts.tenants.create('test', { slug, name: 'X' })).rejects.toMatchObject({
      reasons: [{ code: 'INVALID_INPUT', field: ['slug'] }],
    });
  });

  test('needs a slug that is free, also when two are made at once', async () => {
    const twice = await Promise.allSettled([1, 2].map(() => edge.accounts.tenants.create('test', { slug: 'twin', name: 'Twin' })));
    expect(new Set(twice.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
    expect(twice.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { reasons: [{ code: 'CONFLICT', field: ['slug'] }] },
    });
    expect(await edge.db.emOfAllTenants().count(Tenant, { slug: 'twin' })).toBe(1);
  });
});
