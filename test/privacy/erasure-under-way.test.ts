import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, messageIn, readMessage } from '../support/given.js';
import { erase, EXPORT, knownPerson, PERSON, TEXTS } from '../support/known-person.js';
import { people, readContact } from '../support/contacts.js';
import { placesOf } from '../support/personal-scan.js';
import { postReceipt } from '../support/simulator-receipts.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Never answered, and never taken: a look-up says so, and it would be sent again. */
const SILENT = '+15005550016';
/** Sent, and no receipt comes. */
const UNHEARD = '+15005550014';

let run: TestApp;
beforeEach(async () => {
  run = await startTestApp();
});
afterEach(() => run.stop());

/** As if the process had gone before the rest was done, and a minute had passed. */
const passTime = () =>
  sql`update erasures set requested_at = requested_at - interval '2 minutes', next_at = now() where finished_at is null`.execute(
    run.app.core.db.sql,
  );

describe('An erasure', () => {
  test('that broke off is finished by the clock', async () => {
    const { id } = await knownPerson(run);
    const { erasure } = run.app.core;
    const work = erasure.run.bind(erasure);
    erasure.run = () => Promise.reject(new Error('the process is gone'));
    await expect(erase(run.api, { id })).rejects.toThrow();
    expect((await readContact(run.api, id)).erasedAt).not.toBeNull();
    expect(await placesOf(run, [PERSON.body])).not.toEqual([]);
    erasure.run = work;
    await sql`update erasures set next_at = now()`.execute(run.app.core.db.sql);
    await eventually(async () => expect(await placesOf(run, TEXTS)).toEqual([]), 15_000);
  });

  test('forgets by what it found the rows once all is done', async () => {
    const { id } = await knownPerson(run);
    await erase(run.api, { id });
    await sql`update erasures set requested_at = requested_at - interval '2 minutes', next_at = now()`.execute(run.app.core.db.sql);
    const finished = { address_hashes: null, sealed: null, next_at: null };
    await eventually(
      async () => expect(await rowsOf(run, 'select address_hashes, sealed, next_at from erasures')).toEqual([finished]),
      15_000,
    );
  });

  test('asked for twice, also at once, does no harm', async () => {
    const { id } = await knownPerson(run);
    const answers = await Promise.all([erase(run.api, { id }), erase(run.api, { id })]);
    expect(answers.map(({ erased, userErrors }) => ({ erased, userErrors }))).toEqual([
      { erased: true, userErrors: [] },
      { erased: true, userErrors: [] },
    ]);
    expect(await erase(run.api, { id })).toMatchObject({ erased: true, messages: 3, inboundMessages: 1 });
    expect(await rowsOf(run, 'select id from erasures')).toHaveLength(1);
  });

  test('waits for the provider that has not answered, and lets nothing be sent again', async () => {
    const message = await given.message(run.api, { to: SILENT, body: PERSON.body });
    await eventually(async () => expect((await readMessage(run.api, message.id)).attempts).toBe(1), 5_000);
    await erase(run.api, { phone: SILENT });
    const asked = run.simulator.asked(message.id);
    expect(await placesOf(run, [PERSON.body])).not.toEqual([]);
    await eventually(async () => expect(await placesOf(run, [PERSON.body, SILENT])).toEqual([]), 18_000);
    expect(run.simulator.asked(message.id)).toBe(asked);
    expect(await readMessage(run.api, message.id)).toMatchObject({ status: 'FAILED', attempts: 1, body: null });
  });

  test('is told of a failure later, and keeps none of its words', async () => {
    const { id, providerMessageId: sid } = await given.sent(run.api, { to: UNHEARD });
    await erase(run.api, { phone: UNHEARD });
    const errorMessage = 'The phone of Nadia Example is off';
    expect((await postReceipt(run, { messageId: id, sid, status: 'undelivered', errorMessage })).status).toBe(200);
    await messageIn(run.api, 'FAILED', id);
    expect(await placesOf(run, [errorMessage])).toEqual([]);
    const failed = { error_kind: 'UNREACHABLE', error_code: 'unreachable' };
    expect(await rowsOf(run, `select error_kind, error_code from messages where id = '${id}'`)).toEqual([failed]);
  });

  test('leaves alone what others were sent, and what the number is sent later', async () => {
    await given.delivered(run.api, { to: PERSON.phone, body: PERSON.body });
    const others = await given.delivered(run.api, { to: '+14155550199', body: 'Of somebody else' });
    await erase(run.api, { phone: PERSON.phone });
    const later = await given.delivered(run.api, { to: PERSON.phone, body: 'Of later' });
    await passTime();
    await eventually(async () => expect(await rowsOf(run, 'select 1 from erasures where finished_at is null')).toEqual([]), 15_000);
    expect((await readMessage(run.api, others.id)).body).toBe('Of somebody else');
    expect((await messageIn(run.api, 'DELIVERED', later.id)).body).toBe('Of later');
  });
});

describe('Another tenant', () => {
  test('can neither export nor erase, and keeps what it knows of the same person', async () => {
    const { id } = await knownPerson(run);
    const stranger = await run.withTenant('stranger');
    const own = await people.contact(stranger.admin, { phone: PERSON.phone, name: 'Known there too' });
    const before = await footprint(run);
    expect(await erase(stranger.admin, { id })).toMatchObject({ erased: false, userErrors: [{ code: 'NOT_FOUND' }] });
    expect((await stranger.admin.mutate(EXPORT, { contact: { id } })).exportContact).toMatchObject({
      data: null,
      userErrors: [{ code: 'NOT_FOUND' }],
    });
    expect(await footprint(run)).toEqual(before);
    await erase(run.api, { id });
    expect(await readContact(stranger.admin, own.id)).toMatchObject({ name: 'Known there too', erasedAt: null });
  });

  test('and whoever is no ADMIN is refused', async () => {
    const { operator } = await run.withTenant('demo');
    await people.contact(run.api, { phone: PERSON.phone });
    await expect(erase(operator, { phone: PERSON.phone })).rejects.toThrow('FORBIDDEN');
    await expect(operator.mutate(EXPORT, { contact: { phone: PERSON.phone } })).rejects.toThrow('FORBIDDEN');
    expect(await rowsOf(run, 'select id from erasures')).toEqual([]);
  });
});
