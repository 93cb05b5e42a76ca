import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../../src/platform/database/migrate.js';
import { MIGRATIONS } from '../../../src/platform/database/migrations/migrations.js';
import { newId } from '../../../src/platform/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ name }) => name === '0020-former-owners'),
);

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('drop schema public cascade; drop schema agenda cascade; create schema public');
  await migrate(database.url, { list: BEFORE });
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const [tenantId, away] = [newId(), '2026-03-03'];
/** Somebody whose address was taken away on a day, with the suppression on it, and when that came. */
async function former(address: string, [channel, category, source, at]: string[]): Promise<string> {
  const id = newId();
  await client.query('insert into contacts (id, tenant_id) values ($1, $2)', [id, tenantId]);
  await client.query('insert into former_addresses values ($1, $2, $3, $4)', [tenantId, address, id, away]);
  const suppression = 'insert into suppressions (tenant_id, address_hash, channel, category, source, at) values ($1, $2, $3, $4, $5, $6)';
  await client.query(suppression, [tenantId, address, channel, category, source, at]);
  return id;
}

test('a STOP from an address that the person has, or that was taken from them before the upgrade, is theirs, and nothing else is', async () => {
  await client.query(`insert into tenants (id, slug, name) values ($1, 'one', 'One')`, [tenantId]);
  const said = await former('a', ['SMS', '*', 'KEYWORD', '2026-03-02']);
  const nextOwner = await former('b', ['SMS', '*', 'KEYWORD', '2026-03-04']);
  const caller = await former('c', ['SMS', 'UTILITY', 'API', '2026-03-02']);
  const resumed = await former('d', ['SMS', '*', 'KEYWORD', '2026-03-02']);
  const has = await former('e', ['SMS', '*', 'KEYWORD', '2026-03-04']);
  const identity = `insert into contact_identities (id, tenant_id, contact_id, channel, address_hash, sealed) values ($1, $2, $3, 'SMS', 'e', '')`;
  await client.query(identity, [newId(), tenantId, has]);
  const start = `insert into consent_events (id, tenant_id, contact_id, sequence, channel, category, from_state, to_state, source, at, sealed_digest, hash)
    values ($1, $2, $3, 1, 'SMS', 'UTILITY', 'WITHDRAWN', 'GRANTED', 'KEYWORD', '2026-03-05', '', '')`;
  await client.query(start, [newId(), tenantId, resumed]);
  await migrate(database.url, { list: MIGRATIONS });
  const { rows } = await client.query<{ id: string; stops: string[] }>('select id, stops from contacts');
  expect(Object.fromEntries(rows.map(({ id, stops }) => [id, stops]))).toEqual({
    [said]: ['SMS'],
    [nextOwner]: [],
    [caller]: [],
    [resumed]: [],
    [has]: ['SMS'],
  });
});
