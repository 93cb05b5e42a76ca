import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { consentCommands } from '../../src/cli/commands/consent.js';
import { given } from '../support/given.js';
import type { TestApi } from '../support/gql.js';
import { CONTACT, people } from '../support/contacts.js';
import { somebodyWaits } from '../support/lock-waits.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numberOf, numbers, uploadConsents } from '../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

let used = 0;
const newNumber = (): string => numberOf(used++);
const upload = (file: string | Buffer, query = '', api: TestApi = run.api, headers = {}) => uploadConsents(api, file, query, headers);
const find = async (ref: object): Promise<any> => (await run.api.query(CONTACT, { ref })).contact;
const count = async (table: string): Promise<number> =>
  (await rowsOf<{ n: number }>(run, `select count(*)::int as n from ${table}`))[0]?.n ?? 0;

describe('POST /consents', () => {
  test('records what each line says, with all that proves it, of people old and new', async () => {
    const [known, fresh] = [newNumber(), newNumber()];
    const { id } = await people.contact(run.api, { phone: known, name: 'Ali' });
    const file = csv(
      'externalId,phone,name,language,channels,categories,statement,form,Signed at',
      `I-1,${fresh},Sara,ar-sa,SMS WHATSAPP,marketing;utility,"I agree, gladly.",f-9,2026-01-02`,
      `I-2,${known},Other,,sms,,,,`,
      ',,,,,,,,',
    );
    expect(await upload(file, '?source=PAPER')).toMatchObject({
      status: 200,
      total: 2,
      recorded: 2,
      unchanged: 0,
      rejected: 0,
      rejections: [],
    });
    const sara = await find({ externalId: 'I-1' });
    expect(sara).toMatchObject({ phone: fresh, name: 'Sara', language: 'ar-SA' });
    expect(sara.consents.map(({ channel, category, state }: any) => `${channel} ${category} ${state}`)).toHaveLength(4);
    expect(sara.consentHistory[0]).toMatchObject({
      source: 'PAPER',
      statement: 'I agree, gladly.',
      evidence: { form: 'f-9', 'Signed at': '2026-01-02' },
      verified: true,
    });
    expect(await find({ phone: known })).toMatchObject({
      id,
      externalId: 'I-2',
      name: 'Ali',
      consents: [{ channel: 'SMS', category: 'UTILITY', state: 'GRANTED', source: 'PAPER' }],
    });
  });

  test('changes nothing when it is repeated', async () => {
    const file = csv('phone,statement,form', ...numbers(5, 500_000).map((phone) => `${phone},Yes,f-1`));
    expect(await upload(file, '?channels=SMS')).toMatchObject({ recorded: 5 });
    const before = [await count('contacts'), await count('consent_events')];
    expect(await upload(gzipSync(file), '?channels=SMS', run.api, { 'content-encoding': 'gzip' })).toMatchObject({
      recorded: 0,
      unchanged: 5,
      rejected: 0,
    });
    expect([await count('contacts'), await count('consent_events')]).toEqual(before);
  });

  test('changes nothing when it is repeated where it names somebody twice, with other proof or another end', async () => {
    const phone = newNumber();
    const lines = [',f-1,', 'Yes,f-1,', ',f-2,2099-01-31', ',f-2,2098-01-31'].map((said) => `${phone},SMS,${said}`);
    const file = csv('phone,channels,statement,form,expiresAt', ...lines);
    expect(await upload(file)).toMatchObject({ recorded: 4 });
    const before = await find({ phone });
    expect(before.consentHistory).toHaveLength(4);
    expect(await upload(file)).toMatchObject({ recorded: 0, unchanged: 4, rejected: 0 });
    expect(await find({ phone })).toEqual(before);
  });

  test('does not undo by being repeated what was granted since, and is new where another source says the same', async () => {
    const phone = newNumber();
    const file = csv('phone,channels', `${phone},SMS`);
    await upload(file);
    await people.grant(run.api, { phone }, { expiresAt: '2099-01-31T00:00:00.000Z' });
    const before = await find({ phone });
    expect([await upload(file), await find({ phone })]).toMatchObject([{ unchanged: 1 }, before]);
    expect(await upload(file, '?source=PAPER')).toMatchObject({ recorded: 1 });
    expect((await find({ phone })).consents).toMatchObject([{ source: 'PAPER', expiresAt: null }]);
  });

  test('brings nobody back who has withdrawn, and withdraws for those it says have', async () => {
    const [gone, going, staying] = [newNumber(), newNumber(), newNumber()];
    await people.withdraw(run.api, { id: (await people.contact(run.api, { phone: gone })).id });
    const message = await given.scheduled(run.api, { to: going });
    const file = csv('phone,channels,state', `${gone},SMS,`, `${going},SMS,WITHDRAWN`, `${going},SMS,GRANTED`, `${staying},SMS,granted`);
    expect(await upload(file)).toMatchObject({
      recorded: 2,
      rejected: 2,
      rejections: [
        { line: 2, to: gone, code: 'OPTED_OUT' },
        { line: 4, to: going, code: 'OPTED_OUT' },
      ],
    });
    expect((await find({ phone: gone })).consents[0].state).toBe('WITHDRAWN');
    expect(await rowsOf(run, `select status from messages where id = '${message.id}'`)).toEqual([{ status: 'SUPPRESSED' }]);
  });

  test.each(['externalId', 'email'])('withdraws by %s only once no claim of any number of the person is under way', async (name) => {
    const [phone, other] = [newNumber(), newNumber()];
    const ref = { externalId: `I-held-${name}`, email: `${name}@example.org` };
    for (const number of [phone, other]) await people.contact(run.api, { ...ref, phone: number });
    const message = await given.scheduled(run.api, { to: phone });
    let isAnswered = false;
    const uploaded = await run.app.core.db.transaction(async (tx) => {
      await sql`select pg_advisory_xact_lock_shared(address_place(tenant_id, to_hash)) from messages where id = ${message.id}`.execute(tx);
      const answer = upload(csv(`${name},channels,state`, `${ref[name as keyof typeof ref]},SMS,WITHDRAWN`));
      void answer.then(() => (isAnswered = true));
      await somebodyWaits(run);
      expect(isAnswered).toBe(false);
      return { answer };
    });
    expect(await uploaded.answer).toMatchObject({ status: 200, recorded: 1 });
    expect(await rowsOf(run, `select status from messages where id = '${message.id}'`)).toEqual([{ status: 'SUPPRESSED' }]);
  });

  test('withdraws also where its line says until when the consent would have lasted, which has to be a date', async () => {
    const [gone, unclear] = [newNumber(), newNumber()];
    for (const phone of [gone, unclear]) await people.grant(run.api, { id: (await people.contact(run.api, { phone })).id });
    const answer = await upload(csv('phone,channels,state,expiresAt', `${gone},SMS,WITHDRAWN,2001-01-01`, `${unclear},SMS,WITHDRAWN,soon`));
    expect(answer).toMatchObject({ recorded: 1, rejections: [{ line: 3, code: 'INVALID_INPUT' }] });
    expect((await find({ phone: gone })).consents).toMatchObject([{ state: 'WITHDRAWN', expiresAt: null }]);
    expect((await find({ phone: unclear })).consents).toMatchObject([{ state: 'GRANTED' }]);
  });

  test('rejects each line that is wrong, with its number and why, and records the others', async () => {
    const [good, a, b] = [newNumber(), newNumber(), newNumber()];
    await people.contact(run.api, { externalId: 'I-a', phone: a });
    await people.contact(run.api, { phone: b });
    const file = csv(
      'externalId,phone,channels,expiresAt,source',
      `,${good},SMS,2099-01-31,`,
      ',12,SMS,,',
      `,${newNumber()},,,`,
      `,${newNumber()},PIGEON,,`,
      `,${newNumber()},SMS,2001-01-01,`,
      `,${newNumber()},SMS,soon,`,
      `,${newNumber()},SMS,,KEYWORD`,
      `I-a,${b},SMS,,`,
      `I-b,${a},SMS,,`,
      `,"${newNumber()}`,
      'I-c',
      'I-\0d,,SMS,,',
    );
    const answer = await upload(file);
    expect(answer).toMatchObject({ total: 12, recorded: 1, rejected: 11 });
    expect(answer.rejections.map(({ line, code }: any) => [line, code])).toEqual([
      [3, 'INVALID_PHONE_NUMBER'],
      ...[4, 5, 6, 7, 8].map((line) => [line, 'INVALID_INPUT']),
      [9, 'CONFLICT'],
      [10, 'CONFLICT'],
      [11, 'INVALID_INPUT'],
      [12, 'INVALID_INPUT'],
      [13, 'INVALID_INPUT'],
    ]);
    expect((await find({ phone: good })).consents[0].expiresAt).toBe('2099-01-31T00:00:00.000Z');
  });

  test('rejects a line whose whatsAppScope no database can hold, and records the others', async () => {
    const file = csv('whatsAppUserId,whatsAppScope,channels', 'SA.1001,a\0b,WHATSAPP', 'SA.1002,,WHATSAPP');
    expect(await upload(file)).toMatchObject({ status: 200, total: 2, recorded: 1, rejections: [{ line: 2, code: 'INVALID_INPUT' }] });
  });

  test.each(['2099-02-30', '2099-01-01T24:00:00Z', '9999-12-31T23:59:59-05:00', '0000-01-01'])(
    'rejects a line that expires at %s, alone',
    async (time) => {
      const answer = await upload(
        csv('phone,channels,expiresAt', `${newNumber()},SMS,${time}`, `${newNumber()},SMS,2096-02-29T23:59+02:00`),
      );
      expect(answer).toMatchObject({ status: 200, total: 2, recorded: 1, rejections: [{ line: 2, code: 'INVALID_INPUT' }] });
    },
  );

  test('refuses what is no file of consents, and records nothing', async () => {
    const before = await count('consent_events');
    expect(await upload('')).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(await upload(csv('name,channels', 'Sara,SMS'))).toMatchObject({ status: 400, line: 1 });
    expect(await upload(csv('phone'))).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
    expect(await upload(csv('phone', newNumber()), '?channel=SMS')).toMatchObject({ status: 400, userErrors: [{ field: ['channel'] }] });
    for (const type of ['application/json', 'text/csv; charset=latin1', 'text/csv; charset=utf-8  "x'])
      expect(await upload(csv('phone', newNumber()), '?channels=SMS', run.api, { 'content-type': type })).toMatchObject({ status: 415 });
    const { sender, viewer } = await run.withTenant('demo');
    for (const api of [sender, viewer]) expect(await upload(csv('phone', newNumber()), '', api)).toMatchObject({ status: 403 });
    expect(await count('consent_events')).toBe(before);
  });

  test('stands in the audit log, and so does what was recorded of a file that broke off', async () => {
    const acts = async (): Promise<object[]> => (await run.api.query('{ auditLog(first: 2) { nodes { action detail } } }')).auditLog.nodes;
    await upload(csv('phone,channels', `${newNumber()},SMS`));
    const whole = { total: 1, recorded: 1, unchanged: 0, rejected: 0, complete: true };
    expect(await acts()).toMatchObject([{ action: 'consents.imported', detail: whole }, { action: 'consents.importStarted' }]);
    const lines = numbers(3_000, 700_000).map((phone) => `${phone},SMS,${randomBytes(20).toString('hex')}`);
    const packed = gzipSync(csv('phone,channels,statement', ...lines));
    const before = await count('consents');
    const { status } = await upload(packed.subarray(0, packed.length / 2), '', run.api, { 'content-encoding': 'gzip' });
    const recorded = (await count('consents')) - before;
    expect([status, recorded > 0]).toEqual([400, true]);
    expect(await acts()).toMatchObject([
      { action: 'consents.imported', detail: { recorded, complete: false } },
      { action: 'consents.importStarted' },
    ]);
  });

  test('takes thousands of lines, twice at once, as one person each', async () => {
    const file = csv('phone,channels', ...numbers(2_000, 600_000).map((phone) => `${phone},SMS`));
    const [before, events] = [await count('contacts'), await count('consent_events')];
    const both = await Promise.all([upload(file), upload(file)]);
    expect(both.map(({ rejected }) => rejected)).toEqual([0, 0]);
    expect(both[0].recorded + both[1].recorded).toBe(2_000);
    expect([(await count('contacts')) - before, (await count('consent_events')) - events]).toEqual([2_000, 2_000]);
  });
});

test('consent import FILE does the same on the command line', async () => {
  for (const [name, value] of Object.entries(run.env)) vi.stubEnv(name, value);
  const path = join(tmpdir(), `consents-${Date.now()}.csv`);
  onTestFinished(() => rm(path, { force: true }));
  await writeFile(path, csv('phone,channels', `${newNumber()},SMS`, '+14155550,SMS'));
  let seen = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => Boolean((seen += String(text)))),
  );
  const program = new Command('heliograph');
  consentCommands(program);
  await program.parseAsync(['consent', 'import', path, '--tenant', 'demo'], { from: 'user' });
  spies.forEach((spy) => spy.mockRestore());
  vi.unstubAllEnvs();
  expect(seen).toMatch(/^line 3, \+14•••••\S*: INVALID_PHONE_NUMBER .*\ndemo: 2 lines, 1 recorded, 0 known already, 1 rejected\.\n$/);
  expect(process.exitCode).toBe(1);
  process.exitCode = undefined;
});
