import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { people } from '../support/contacts.js';
import { eventually } from '../support/eventually.js';
import { given, readMessage } from '../support/given.js';
import { hears } from '../support/incoming.js';
import { erase, PERSON } from '../support/known-person.js';
import { placesOf } from '../support/personal-scan.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, upload } from '../support/upload.js';

let run: TestApp;
beforeEach(async () => {
  run = await startTestApp();
});
afterEach(() => run.stop());

/** As if it had been sealed with a key that is configured no longer. */
const lose = (table: string, column: string, where: string) =>
  rowsOf(run, `update ${table} set ${column} = overlay(${column} placing '\\xdeadbeef'::bytea from 2 for 4) where ${where}`);
/** As if it was begun two minutes ago. */
const passTime = () => rowsOf(run, `update erasures set requested_at = requested_at - interval '2 minutes', next_at = now()`);
const unfinished = () => rowsOf(run, 'select tenant_id as id from erasures where finished_at is null');

describe('What no key opens', () => {
  test('among rejected lines keeps nobody from being erased, with the lines that open', async () => {
    const { body } = await upload(run.api, csv('to', 'nobody'));
    await lose('batch_upload_chunks', 'rejections', `batch_id = '${body.batchId}'`);
    await upload(run.api, csv('to', `${PERSON.phone} or so`, PERSON.externalId));
    await people.contact(run.api, { phone: PERSON.phone, externalId: PERSON.externalId });
    expect(await erase(run.api, { phone: PERSON.phone })).toMatchObject({ erased: true, userErrors: [] });
    await passTime();
    await eventually(async () => expect(await unfinished()).toEqual([]), 15_000);
    expect(await placesOf(run, [PERSON.externalId])).toEqual([]);
  });

  test('of one erasure keeps no other from being finished', async () => {
    const stranger = await run.withTenant('stranger');
    const { erasure } = run.app.core;
    const work = erasure.run.bind(erasure);
    erasure.run = () => Promise.reject(new Error('the process is gone'));
    await expect(erase(run.api, { phone: PERSON.phone })).rejects.toThrow();
    await expect(erase(stranger.admin, { phone: PERSON.phone })).rejects.toThrow();
    await lose('erasures', 'sealed', `tenant_id = '${stranger.id}'`);
    await expect(erase(run.api, { email: PERSON.email })).rejects.toThrow();
    erasure.run = work;
    await passTime();
    await eventually(async () => expect(await unfinished()).toEqual([{ id: stranger.id }]), 15_000);
  });
});

describe('A person of whom no key opens an address', () => {
  const lost = 'lost@example.org';
  let id: string;
  beforeEach(async () => {
    ({ id } = await people.contact(run.api, { phone: PERSON.phone, email: lost }));
    await lose('contact_identities', 'sealed', `contact_id = '${id}' and channel = 'EMAIL'`);
  });

  test('can object, by a caller and by STOP', async () => {
    const waiting = await given.scheduled(run.api, { to: PERSON.phone });
    await people.withdraw(run.api, { id }, { categories: ['MARKETING'] });
    await hears(run, 'STOP', { from: PERSON.phone });
    expect(await readMessage(run.api, waiting.id)).toMatchObject({ status: 'SUPPRESSED' });
  });

  test('is erased', async () => {
    expect(await erase(run.api, { phone: PERSON.phone })).toMatchObject({ erased: true, userErrors: [] });
    expect(await rowsOf(run, 'select 1 from contact_identities')).toEqual([]);
  });
});
