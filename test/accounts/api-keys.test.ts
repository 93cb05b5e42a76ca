import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/accounts/api-key.entity.js';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { gql } from '../support/gql.js';
import { startEdge, type TestEdge } from '../graphql/edge.js';

const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { apiKey { id name role prefix createdAt lastUsedAt expiresAt revokedAt } secret userErrors { code message field } }
}`;
const REVOKE = `mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id revokedAt } userErrors { code field } } }`;
const NOWHERE = '00000000-0000-7000-8000-000000000000';

let edge: TestEdge;
let otherTenant: string;

beforeAll(async () => {
  edge = await startEdge();
  otherTenant = (await edge.accounts.tenants.create('test', { slug: 'other', name: 'Other' })).id;
});
afterAll(() => edge.stop());

const countKeys = (): Promise<number> => edge.db.emOfAllTenants().count(ApiKey, {});
const revoke = async (id: string, api = edge.admin) => (await api.mutate(REVOKE, { id })).revokeApiKey;

describe('createApiKey', () => {
  test('a new key works at once, and its secret names its tenant', async () => {
    const { createApiKey } = await edge.admin.mutate(CREATE, { input: { name: ' Clinic ', role: 'OPERATOR' } });
    expect(createApiKey.userErrors).toEqual([]);
    expect(createApiKey.secret).toMatch(/^hg_demo_[\w-]{43}$/);
    expect(createApiKey.apiKey).toMatchObject({
      name: 'Clinic',
      role: 'OPERATOR',
      prefix: createApiKey.secret.slice(0, 14),
      revokedAt: null,
    });
    expect(await gql(edge.url, createApiKey.secret).query('{ viewer { name role } }')).toEqual({
      viewer: { name: 'Clinic', role: 'OPERATOR' },
    });
  });

  test('only the hash of the secret is stored', async () => {
    const { createApiKey } = await edge.admin.mutate(CREATE, { input: { name: 'Hashed', role: 'VIEWER' } });
    const rows = await edge.db.emOfAllTenants().execute('select api_keys::text as row from api_keys');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(createApiKey.secret.slice(20));
  });

  test('everything that is wrong is told at once, and nothing is stored', async () => {
    const before = await countKeys();
    const { createApiKey } = await edge.admin.mutate(CREATE, { input: { name: '  ', role: 'ADMIN', expiresAt: '2020-01-01T00:00:00Z' } });
    expect(createApiKey).toEqual({
      apiKey: null,
      secret: null,
      userErrors: [
        { code: 'INVALID_INPUT', message: 'A key needs a name of 1 to 100 characters.', field: ['name'] },
        { code: 'INVALID_INPUT', message: 'expiresAt must lie in the future.', field: ['expiresAt'] },
      ],
    });
    expect(await countKeys()).toBe(before);
  });

  test('a name of 101 characters is too long', async () => {
    const { createApiKey } = await edge.admin.mutate(CREATE, { input: { name: 'x'.repeat(101), role: 'ADMIN' } });
    expect(createApiKey.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['name'] }]);
  });

  test('an unknown role is an error of the request', async () => {
    const answer = await edge.admin.execute(CREATE, { input: { name: 'x', role: 'OWNER' } });
    expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(answer.errors?.[0]?.message).toBe('Variable "$input" is not valid at "input.role": Expected a value of the enum "Role".');
  });
});

describe('apiKeys', () => {
  test('lists the tenant’s own keys, oldest first, the revoked ones too', async () => {
    const foreign = await edge.key('ADMIN', { tenantId: otherTenant });
    const gone = await edge.key('VIEWER', { name: 'Gone' });
    await revoke(gone.id);
    const { apiKeys } = await edge.admin.query('{ apiKeys { id name revokedAt } }');
    expect(apiKeys[0].name).toBe('First key');
    expect(apiKeys.at(-1)).toEqual({ id: gone.id, name: 'Gone', revokedAt: expect.any(String) });
    expect(apiKeys.map(({ id }: { id: string }) => id)).not.toContain(foreign.id);
  });
});

describe('revokeApiKey', () => {
  test('the key is refused from that moment on', async () => {
    const { id, api } = await edge.key('OPERATOR');
    await api.query('{ viewer { role } }');
    expect(await revoke(id)).toEqual({ apiKey: { id, revokedAt: expect.any(String) }, userErrors: [] });
    expect(await api.execute('{ viewer { role } }')).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('revoking twice keeps the first time and is audited once', async () => {
    const { id } = await edge.key('OPERATOR');
    const first = await revoke(id);
    expect(await revoke(id)).toEqual(first);
    const { auditLog } = await edge.admin.query(`{ auditLog(action: "apiKey.revoked", subject: "apiKey:${id}") { nodes { actor } } }`);
    expect(auditLog.nodes).toEqual([{ actor: 'First key' }]);
  });

  test.each([NOWHERE, 'nonsense', ''])('%j is NOT_FOUND', async (id) => {
    expect(await revoke(id)).toEqual({ apiKey: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] });
  });

  test('another tenant’s key is NOT_FOUND and keeps working', async () => {
    const foreign = await edge.key('ADMIN', { tenantId: otherTenant });
    expect(await revoke(foreign.id)).toEqual({ apiKey: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] });
    expect(await foreign.api.query('{ viewer { tenant { slug } } }')).toEqual({ viewer: { tenant: { slug: 'other' } } });
  });

  test('the last ADMIN key of a tenant cannot be revoked', async () => {
    const tenantId = (await edge.accounts.tenants.create('test', { slug: 'lonely', name: 'Lonely' })).id;
    const admin = await edge.key('ADMIN', { tenantId });
    const dead = await edge.key('ADMIN', { tenantId, expiresAt: new Date(Date.now() + 50) });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await revoke(admin.id, admin.api)).userErrors).toEqual([{ code: 'CONFLICT', field: ['id'] }]);
    expect((await revoke(dead.id, admin.api)).apiKey.id).toBe(dead.id);
    expect(await admin.api.query('{ viewer { role } }')).toEqual({ viewer: { role: 'ADMIN' } });
  });

  test('two administrators who revoke each other at once cannot both succeed', async () => {
    const tenantId = (await edge.accounts.tenants.create('test', { slug: 'duel', name: 'Duel' })).id;
    const [one, two] = await Promise.all([edge.key('ADMIN', { tenantId }), edge.key('ADMIN', { tenantId })]);
    const ends = [one, two].map(({ id }) => edge.accounts.apiKeys.revoke(systemCaller(tenantId, 'rival'), id));
    const outcomes = await Promise.allSettled(ends);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { reasons: [{ code: 'CONFLICT' }] } });
  });
});
