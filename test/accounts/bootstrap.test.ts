import type { EntityName } from '@mikro-orm/core';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { ApiKey } from '../../src/accounts/api-key.entity.js';
import { AuditEntry } from '../../src/accounts/audit-entry.entity.js';
import { bootstrap, type WantedKey } from '../../src/accounts/bootstrap.js';
import { Tenant } from '../../src/accounts/tenant.entity.js';
import { buildAccounts, ENTITIES, type Accounts } from '../../src/app/build-accounts.js';
import { Database } from '../../src/platform/database/database.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SECRET = 'hg_a-key-chosen-elsewhere';
const ORIGIN = { ip: null, userAgent: null };
const log = pino({ level: 'silent' });

let database: TestDatabase;
let db: Database;
let accounts: Accounts;
beforeEach(async () => {
  database = await createTestDatabase();
  db = await Database.connect({ url: database.url, entities: ENTITIES, connections: 8, log });
  accounts = await buildAccounts({ db, bus: null, log });
  return async () => {
    await accounts.close();
    await db.close();
    await database.drop();
  };
});

const start = (wanted: WantedKey = { generate: true }) => bootstrap({ db, ...accounts, setUp: async () => undefined }, wanted);
const all = (entity: EntityName): Promise<number> => db.emOfAllTenants().count(entity, {});

test('the first start makes the tenant demo and an ADMIN key that works', async () => {
  const { tenantId, secret } = await start();
  expect(await accounts.authenticator.authenticate(secret ?? '', ORIGIN)).toMatchObject({ tenantId, role: 'ADMIN', name: 'First key' });
  expect(await accounts.tenants.settings(tenantId)).toMatchObject({ slug: 'demo', impliedConsent: ['UTILITY'], messagingEnabled: true });
});

test('later starts make nothing and cannot tell the secret', async () => {
  const { tenantId } = await start();
  expect(await start()).toEqual({ tenantId, secret: null });
  expect([await all(Tenant), await all(ApiKey), await all(AuditEntry)]).toEqual([1, 1, 2]);
});

test('eight processes that start together make one of each', async () => {
  const starts = await Promise.all(Array.from({ length: 8 }, () => start({ secret: SECRET })));
  expect(starts.filter(({ secret }) => secret !== null)).toHaveLength(1);
  expect(new Set(starts.map(({ tenantId }) => tenantId)).size).toBe(1);
  expect([await all(Tenant), await all(ApiKey)]).toEqual([1, 1]);
});

test('a key that was handed in works in its own form and is added beside others', async () => {
  await start();
  const { secret } = await start({ secret: SECRET });
  expect(secret).toBe(SECRET);
  expect(await accounts.authenticator.authenticate(SECRET, ORIGIN)).toMatchObject({ role: 'ADMIN' });
  expect((await accounts.apiKeys.matching('hg_a-key-')).map(({ prefix }) => prefix)).toEqual(['hg_a-key-']);
});

test('a key that was revoked stays revoked', async () => {
  const { tenantId } = await start();
  await start({ secret: SECRET });
  const [key] = await accounts.apiKeys.matching('hg_a-key-');
  await db.emOfAllTenants().nativeUpdate(ApiKey, { id: key?.id }, { revokedAt: new Date() });
  expect(await start({ secret: SECRET })).toEqual({ tenantId, secret: null });
  expect(await accounts.authenticator.authenticate(SECRET, ORIGIN)).toBeNull();
});
