import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { consentCommands } from '../../src/cli/commands/consent.js';
import { commandLine } from '../support/command-line.js';
import { people, readContact } from '../support/contacts.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let contact: any;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  contact = await people.contact(run.api, { phone: '+14155550100' });
  for (const change of [people.grant, people.withdraw, people.grant]) await change(run.api, { id: contact.id });
  await people.grant(run.api, { id: (await people.contact(run.api, { phone: '+14155550101' })).id });
});
afterAll(() => run.stop());

const heliograph = commandLine([consentCommands], () => run.env);
const verify = (...args: string[]) => heliograph('consent', 'verify', ...args);

/** As whoever owns the database could; undone afterwards. */
async function tampered(change: string, undo: string, meanwhile: () => Promise<void>): Promise<void> {
  const around = (statement: string) =>
    rowsOf(
      run,
      `begin; alter table consent_events disable trigger user; ${statement}; alter table consent_events enable trigger user; commit`,
    );
  await around(change);
  try {
    await meanwhile();
  } finally {
    await around(undo);
  }
}

describe('consent import', () => {
  const imported = (file: string) => heliograph('consent', 'import', file, '--tenant', 'demo');

  test('says in one sentence what is wrong with the file, and records nothing', async () => {
    const before = await rowsOf(run, 'select count(*) from consent_events');
    const empty = join(tmpdir(), `empty-${process.pid}.csv`);
    await writeFile(empty, '');
    onTestFinished(() => rm(empty));
    expect(await imported('/no/such.csv')).toEqual({ out: '', err: '/no/such.csv does not exist (ENOENT).\n', code: 1 });
    expect(await imported(tmpdir())).toEqual({ out: '', err: `${tmpdir()} is a directory (EISDIR).\n`, code: 1 });
    expect(await imported(empty)).toEqual({ out: '', err: expect.stringMatching(/^The file is empty\. Its first line .+\n$/), code: 1 });
    expect(await rowsOf(run, 'select count(*) from consent_events')).toEqual(before);
  });
});

describe('consent verify', () => {
  test('ends well where every history is as it was written', async () => {
    expect(await verify()).toEqual({ out: '', err: 'demo: 4 events of 2 contacts recomputed.\n', code: 0 });
    expect(await verify('--tenant', 'nobody')).toEqual({ out: '', err: 'There is no tenant "nobody".\n', code: 1 });
  });

  test.each([
    ['another state', `to_state = 'GRANTED'`, `to_state = 'WITHDRAWN'`],
    ['another time', `at = at - interval '1 day'`, `at = at + interval '1 day'`],
    ['another actor', `actor = 'Somebody'`, `actor = 'First key'`],
    ['another proof', `sealed = (select sealed from consent_events where sequence = 1 limit 1)`, `sealed = null`],
  ])('names the first row with %s, and the API shows it', async (_what, change, undo) => {
    const [second] = (await readContact(run.api, contact.id)).consentHistory.slice(1);
    const at = `where id = '${second.id}'`;
    await tampered(`update consent_events set ${change} ${at}`, `update consent_events set ${undo} ${at}`, async () => {
      expect(await verify()).toMatchObject({ out: expect.stringContaining(`demo: event ${second.id} (number 2 of contact`), code: 1 });
      const { consentHistory } = await readContact(run.api, contact.id);
      expect(consentHistory.map(({ verified }: any) => verified)).toEqual([true, false, false]);
    });
  });

  const missesWithout = async (contactId: string, sequence: number): Promise<void> => {
    const one = `contact_id = '${contactId}' and sequence = ${sequence}`;
    await rowsOf(run, `create table kept as select * from consent_events where ${one}`);
    await tampered(`delete from consent_events where ${one}`, 'insert into consent_events select * from kept; drop table kept', async () =>
      expect(await verify()).toMatchObject({ out: expect.stringContaining(contactId), code: 1 }),
    );
  };

  test('misses a row that is gone, from the middle and from the end', async () => {
    for (const sequence of [2, 3]) await missesWithout(contact.id, sequence);
    expect(await verify()).toMatchObject({ out: '', code: 0 });
  });

  test('misses a row that only said in other words what was so already', async () => {
    const { id } = await people.contact(run.api, { phone: '+14155550102' });
    for (const statement of ['Yes', 'Yes, please']) await people.grant(run.api, { id }, { statement });
    await missesWithout(id, 2);
    expect(await verify()).toMatchObject({ out: '', code: 0 });
  });

  test('misses the last row of a contact that was merged into another', async () => {
    const [phone, email] = ['+14155550103', 'two@example.com'];
    const ids = [await people.contact(run.api, { phone }), await people.contact(run.api, { email })].map(({ id }) => id);
    for (const id of ids) await people.grant(run.api, { id }, { categories: ['UTILITY', 'MARKETING'] });
    await people.contact(run.api, { phone, email });
    const [merged] = await rowsOf<{ id: string }>(run, 'select id from contacts where merged_into is not null');
    await missesWithout(merged!.id, 2);
    expect(await verify()).toMatchObject({ out: '', code: 0 });
  });

  test('finds a consent that nobody gave', async () => {
    await rowsOf(run, `update consents set state = 'WITHDRAWN' where contact_id = '${contact.id}'`);
    const { out, code } = await verify('--tenant', 'demo');
    expect([out, code]).toEqual([
      expect.stringContaining(`consent SMS UTILITY of contact ${contact.id} is WITHDRAWN, and by its history GRANTED`),
      1,
    ]);
    await rowsOf(run, `update consents set state = 'GRANTED' where contact_id = '${contact.id}'`);
  });

  test('finds a history whole whose proofs were erased', async () => {
    await rowsOf(run, `update consent_events set sealed = null where contact_id = '${contact.id}'`);
    expect(await verify()).toMatchObject({ out: '', code: 0 });
    await expect(rowsOf(run, 'update consent_events set actor = null')).rejects.toThrow('append-only');
    await expect(rowsOf(run, 'delete from consent_events')).rejects.toThrow('append-only');
  });
});
