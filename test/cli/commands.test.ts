import { Command } from 'commander';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildAccounts, ENTITIES, type Accounts } from '../../src/app/build-accounts.js';
import { keyCommands } from '../../src/cli/commands/key.js';
import { migrateCommand } from '../../src/cli/commands/migrate.js';
import { tenantCommands } from '../../src/cli/commands/tenant.js';
import { Database } from '../../src/platform/database/database.js';
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
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('REDIS_URL', testRedis().url);
  vi.stubEnv('ENCRYPTION_KEY', '0'.repeat(64));
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

/** What a person at a terminal sees. */
async function run(...args: string[]): Promise<{ out: string; err: string; failed: boolean }> {
  const seen = { out: '', err: '' };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((seen.out += String(text))));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((seen.err += String(text))));
  const program = new Command('heliograph').exitOverride().configureOutput({ writeErr: (text) => (seen.err += text) });
  for (const add of [tenantCommands, keyCommands, migrateCommand]) add(program);
  // Commands take over the settings of their parent only when they are made; the exits of these are made errors here.
  for (const group of program.commands)
    for (const command of [group, ...group.commands]) command.exitOverride().configureOutput({ writeErr: (text) => (seen.err += text) });
  const usageError = await program.parseAsync(args, { from: 'user' }).then(
    () => false,
    () => true,
  );
  out.mockRestore();
  err.mockRestore();
  return { ...seen, failed: usageError || process.exitCode === 1 };
}

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
    const { out, err, failed } = await run('tenant', 'create', ...args);
    expect({ out, failed }).toEqual({ out: '', failed: true });
    expect(err).toContain(why);
  });
});

describe('key', () => {
  beforeAll(() => accounts.tenants.create('test', { slug: 'keys', name: 'Keys' }));

  const create = (...args: string[]) => run('key', 'create', '--tenant', 'keys', '--name', 'Till', '--role', 'ADMIN', ...args);

  test('create prints the secret alone, which works', async () => {
    const { out, failed } = await create('--expires', '2100-01-31');
    expect(failed).toBe(false);
    expect(out).toMatch(/^hg_keys_[\w-]{43}\n$/);
    expect(await accounts.authenticator.authenticate(out.trim(), ORIGIN)).toMatchObject({ name: 'Till', role: 'ADMIN' });
  });

  test.each([
    [['--tenant', 'nobody'], 'There is no tenant "nobody".'],
    [['--role', 'BOSS'], 'Allowed choices are ADMIN, OPERATOR, SENDER, VIEWER.'],
    [['--expires', 'soon'], 'Expected a date or a time'],
    [['--expires', '2001-01-01'], 'expiresAt must lie in the future.'],
  ])('create with %j fails and says why', async (args, why) => {
    const { out, err, failed } = await create(...args);
    expect({ out, failed }).toEqual({ out: '', failed: true });
    expect(err).toContain(why);
  });

  test('revoke takes the id, the shown beginning or the secret', async () => {
    await create();
    for (const form of ['id', 'prefix', 'secret']) {
      const secret = (await create()).out.trim();
      const [key] = await accounts.apiKeys.matching(secret);
      expect(await run('key', 'revoke', { id: key?.id, prefix: key?.prefix }[form] ?? secret)).toMatchObject({
        failed: false,
        err: expect.stringContaining('(revoked)'),
      });
      expect((await accounts.apiKeys.matching(secret))[0]?.revokedAt).toBeInstanceOf(Date);
    }
  });

  test('revoke of an unknown key fails and says why', async () => {
    expect(await run('key', 'revoke', 'hg_keys_nope')).toEqual({
      out: '',
      err: 'No such key: give its id, its beginning as it is shown, or the secret.\n',
      failed: true,
    });
  });
});

test('migrate says that nothing is left to do', async () => {
  expect(await run('migrate')).toMatchObject({ out: '', err: 'The schema was up to date.\n', failed: false });
});

test('a wrong setting is named', async () => {
  vi.stubEnv('PORT', 'many');
  expect(await run('migrate')).toMatchObject({ failed: true, err: expect.stringContaining('PORT: given "many", expected a whole number') });
});

test('a database that does not answer is named', async () => {
  vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none');
  expect(await run('migrate')).toMatchObject({ failed: true, err: expect.stringContaining('check DATABASE_URL') });
});
