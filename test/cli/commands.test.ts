import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildAccounts, ENTITIES, type Accounts } from '../../src/app/build-accounts.js';
import { keyCommands } from '../../src/cli/commands/key.js';
import { migrateCommand } from '../../src/cli/commands/migrate.js';
import { tenantCommands } from '../../src/cli/commands/tenant.js';
import { Database } from '../../src/platform/database/database.js';
import { commandLine } from '../support/command-line.js';
import { createTestDatabase, testRedis, type TestDatabase } from '../support/test-database.js';

const ORIGIN = { ip: null, userAgent: null };

let database: TestDatabase;
let db: Database;
let accounts: Accounts;
beforeAll(async () => {
  database = await createTestDatabase();
  const log = pino({ level: 'silent' });
  db = await Database.connect({ url: database.url, entities: ENTITIES, connections: 2, log });
  accounts = await buildAccounts({ db, bus: null, log });
});
afterAll(async () => {
  await accounts.close();
  await db.close();
  await database.drop();
});

const run = commandLine([tenantCommands, keyCommands, migrateCommand], () => ({
  DATABASE_URL: database.url,
  REDIS_URL: testRedis().url,
  ENCRYPTION_KEY: '0'.repeat(64),
}));

describe('tenant create', () => {
  test('prints the id alone, and how to go on beside it', async () => {
    const { out, err } = await run('tenant', 'create', 'acme', '--name', 'Acme Clinics');
    expect((await accounts.tenants.bySlug('acme')).id).toBe(out.trim());
    expect(err).toContain('heliograph key create --tenant acme');
  });

  test.each([
    [['Acme!', '--name', 'x'], 'A slug has 1 to 63 lower-case letters'],
    [['acme2', '--name', ''], 'Expected 1 to 100 characters.'],
    [['acme2'], "required option '--name <name>' not specified"],
  ])('%j fails and says why', async (args, why) => {
    const { out, err, code } = await run('tenant', 'create', ...args);
    expect({ out, code }).toEqual({ out: '', code: 1 });
    expect(err).toContain(why);
  });
});

describe('key', () => {
  beforeAll(() => accounts.tenants.create('test', { slug: 'keys', name: 'Keys' }));

  const create = (...args: string[]) => run('key', 'create', '--tenant', 'keys', '--name', 'Till', '--role', 'ADMIN', ...args);

  test('create prints the secret alone, which works', async () => {
    const { out, code } = await create('--expires', '2100-01-31');
    expect(code).toBe(0);
    expect(out).toMatch(/^hg_keys_[\w-]{43}\n$/);
    expect(await accounts.authenticator.authenticate(out.trim(), ORIGIN)).toMatchObject({ name: 'Till', role: 'ADMIN' });
  });

  test.each([
    [['--tenant', 'nobody'], 'There is no tenant "nobody".'],
    [['--role', 'BOSS'], 'Allowed choices are ADMIN, OPERATOR, SENDER, VIEWER.'],
    [['--expires', 'soon'], 'Expected a date or a time'],
    [['--expires', '2099-02-30'], 'Expected a date or a time'],
    [['--expires', '2001-01-01'], 'expiresAt must lie in the future.'],
  ])('create with %j fails and says why', async (args, why) => {
    const { out, err, code } = await create(...args);
    expect({ out, code }).toEqual({ out: '', code: 1 });
    expect(err).toContain(why);
  });

  test('revoke takes the id, the shown beginning or the secret', async () => {
    await create();
    for (const form of ['id', 'prefix', 'shown', 'secret']) {
      const { out, err } = await create();
      const secret = out.trim();
      const [key] = await accounts.apiKeys.matching(secret);
      const [shown] = /hg_\S+/.exec(err) ?? [];
      expect(await run('key', 'revoke', { id: key?.id, prefix: key?.prefix, shown }[form] ?? secret)).toMatchObject({
        code: 0,
        err: expect.stringContaining('(revoked)'),
      });
      expect((await accounts.apiKeys.matching(secret))[0]?.revokedAt).toBeInstanceOf(Date);
    }
  });

  test('revoke of an unknown key fails and says why', async () => {
    expect(await run('key', 'revoke', 'hg_keys_nope')).toEqual({
      out: '',
      err: 'No such key: give its id, its beginning as it is shown, or the secret.\n',
      code: 1,
    });
  });
});

test('migrate says that nothing is left to do', async () => {
  expect(await run('migrate')).toMatchObject({ out: '', err: 'The schema was up to date.\n', code: 0 });
});

test('a wrong setting is named', async () => {
  vi.stubEnv('PORT', 'many');
  expect(await run('migrate')).toMatchObject({ code: 1, err: expect.stringContaining('PORT: given "many", expected a whole number') });
});

test('a database that does not answer is named', async () => {
  vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none');
  expect(await run('migrate')).toMatchObject({ code: 1, err: expect.stringContaining('check DATABASE_URL') });
});
