import { pino } from 'pino';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp, type App, type RunningConfig } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { ConsentVerification } from '../../src/consent/consent-verification.js';
import { KeyRotation } from '../../src/privacy/key-rotation.js';
import { SEALED_COLUMNS } from '../../src/privacy/sealed-columns.js';
import { eventually } from '../support/eventually.js';
import { given, messageIn, readMessage } from '../support/given.js';
import { gql, type TestApi } from '../support/gql.js';
import { SEND } from '../support/operations.js';
import { erase, EXPORT, knownPerson, PERSON, TEXTS } from '../support/known-person.js';
import { people } from '../support/contacts.js';
import { postReceipt } from '../support/simulator-receipts.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

const NEW = 'ef'.repeat(32);

let run: TestApp;
const further: App[] = [];
beforeEach(async () => {
  run = await startTestApp();
});
afterEach(async () => {
  for (const app of further.splice(0)) await app.stop();
  await run.stop();
});

/** Another process on the same servers, with these keys and a simulator of its own. */
async function processWith(ENCRYPTION_KEY: string): Promise<{ app: App; api: TestApi; url: string }> {
  const { SIMULATOR_URL: _, ...env } = run.env;
  const app = await buildApp(readConfig({ ...env, ENCRYPTION_KEY }) as RunningConfig, pino({ level: 'silent' }));
  further.push(app);
  const { url } = await app.start();
  return { app, api: gql(url ?? '', TEST_KEY), url: url ?? '' };
}

const OLD = (): string => run.env['ENCRYPTION_KEY'] ?? '';

async function rotate({ core: { db, sealer, accounts } }: App): Promise<number> {
  const { id } = await accounts.tenants.bySlug('demo');
  const { resealed, unreadable } = await new KeyRotation(db, sealer, accounts.audit, { pauseMs: 0 }).run(() => undefined, [id]);
  expect(unreadable).toBe(0);
  return resealed;
}

const olderIn = async ({ core: { db, sealer, accounts } }: App): Promise<unknown[]> =>
  (await new KeyRotation(db, sealer, accounts.audit).status()).filter(({ isNewest }) => !isNewest);

describe('Replacing the key', () => {
  test('knows every column that holds something sealed', async () => {
    const hashes = [
      'hash',
      'digest',
      'to_hash',
      'address_hash',
      'from_hash',
      'text_hash',
      'request_hash',
      'secret_hash',
      'sealed_digest',
      'token_hash',
      'chain_end_hash',
    ];
    const columns = await rowsOf<{ name: string }>(
      run,
      `select c.table_name || '.' || c.column_name as name from information_schema.columns c join pg_class k on k.relname = c.table_name
       where c.table_schema = 'public' and not k.relispartition and c.data_type = 'bytea' and c.column_name not in ('${hashes.join("','")}') order by 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).toSorted());
  });

  test('puts every value under the new key while messages are sent, and loses none', async () => {
    await knownPerson(run);
    const next = await processWith(`${NEW},${OLD()}`);
    await run.app.stop();
    const over = new AbortController();
    const ids: string[] = [];
    const traffic = (async () => {
      while (!over.signal.aborted) ids.push((await given.message(next.api, { body: `Number ${ids.length}` })).id);
    })();
    expect(await rotate(next.app)).toBeGreaterThan(10);
    over.abort();
    await traffic;
    for (const id of ids) await messageIn(next.api, 'DELIVERED', id);
    await eventually(async () => expect(await olderIn(next.app)).toEqual([]));
    expect((await readMessage(next.api, ids[0]!)).body).toBe('Number 0');
  });

  test('lets the old key be taken away: all opens, and opt-outs hold', async () => {
    const { id } = await knownPerson(run);
    await people.contact(run.api, { phone: '+14155550144' });
    await people.withdraw(run.api, { phone: '+14155550144' }, { categories: ['UTILITY'] });
    await erase(run.api, { phone: '+14155550144' });
    const input = { to: '+14155550145', body: 'Once', idempotencyKey: 'once' };
    const { message } = (await run.api.mutate(SEND, { input })).sendMessage;
    await rotate((await processWith(`${NEW},${OLD()}`)).app);
    await run.app.stop();
    for (const app of further.splice(0)) await app.stop();
    const { app, api } = await processWith(NEW);
    expect(JSON.stringify((await api.mutate(EXPORT, { contact: { phone: PERSON.phone } })).exportContact.data)).toContain(PERSON.evidence);
    const tenant = await app.core.accounts.tenants.bySlug('demo');
    expect(await new ConsentVerification(app.core.db, app.core.sealer).run(tenant.id)).toMatchObject({ broken: null });
    const { sendMessage } = await api.mutate(SEND, { input: { to: '+14155550144', body: 'Hello' } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
    expect((await api.mutate(SEND, { input })).sendMessage).toMatchObject({ message: { id: message.id }, duplicate: true });
    expect((await people.contact(api, { phone: PERSON.phone })).id).toBe(id);
  });

  test('takes webhooks that are signed with the old key meanwhile', async () => {
    const sent = await given.sent(run.api);
    const { url } = await processWith(`${NEW},${OLD()}`);
    const { status } = await postReceipt({ ...run, url }, { messageId: sent.id, sid: sent.providerMessageId, status: 'delivered' });
    expect(status).toBe(200);
    await messageIn(run.api, 'DELIVERED', sent.id);
  });

  test('can be broken off and begun again', async () => {
    await knownPerson(run);
    const { app } = await processWith(`${NEW},${OLD()}`);
    const { db, sealer, accounts } = app.core;
    const broken = new KeyRotation(db, sealer, accounts.audit).run(({ table }) => {
      if (table === 'messages') throw new Error('broken off');
    }, []);
    await expect(broken).rejects.toThrow('broken off');
    expect(await rotate(app)).toBeGreaterThan(0);
    expect(await olderIn(app)).toEqual([]);
  });

  test('leaves what no key opens as it is, says so, and is in the audit log', async () => {
    await given.delivered(run.api);
    const { app } = await processWith(NEW).catch(() => processWith(`${NEW},${OLD()}`));
    await sql`update messages set sealed = overlay(sealed placing '\\xdeadbeef'::bytea from 2 for 4)`.execute(app.core.db.sql);
    const tenant = await app.core.accounts.tenants.bySlug('demo');
    const { unreadable } = await new KeyRotation(app.core.db, app.core.sealer, app.core.accounts.audit).run(() => undefined, [tenant.id]);
    expect(unreadable).toBe(1);
    const [entry] = await rowsOf<{ detail: unknown }>(run, `select detail from audit_entries where action = 'keys.rotated'`);
    expect(entry?.detail).toMatchObject({ unreadable: 1 });
    expect(TEXTS.filter((text) => JSON.stringify(entry).includes(text))).toEqual([]);
  });
});
