import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, readMessage } from '../support/given.js';
import { erase, PERSON } from '../support/known-person.js';
import { people, REQUEST_OPT_IN } from '../support/contacts.js';
import { somebodyWaits } from '../support/lock-waits.js';
import { placesOf } from '../support/personal-scan.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
/** Somebody else, who holds what the erasure needs. */
let other: Client;
beforeEach(async () => {
  // Nobody claims: what waits stays as it is.
  run = await startTestApp({ ROLES: 'api,scheduler' });
  other = new Client({ connectionString: run.database.url });
  await other.connect();
  await other.query('begin');
});
afterEach(async () => {
  await other.end();
  await run.stop();
});

const GONE = { status: 'SUPPRESSED', body: null };
const LEFT = [PERSON.body, PERSON.phone, PERSON.phone.slice(1)];
const toPerson = (input: object = {}): Promise<any> => given.scheduled(run.api, { to: PERSON.phone, body: PERSON.body, ...input });

/** Begins to erase the person, has the work done when it waits for `other`, and lets it go on. */
async function eraseMeanwhile(work: () => Promise<void>): Promise<void> {
  const erasing = erase(run.api, { phone: PERSON.phone });
  await somebodyWaits(run);
  await work();
  await other.query('commit');
  expect(await erasing).toMatchObject({ erased: true });
}

describe('What was accepted before the person became unknown is not sent, and nothing of it is kept', () => {
  const holdPlace = () => other.query('select pg_advisory_xact_lock(address_place(tenant_id, to_hash)) from messages');

  test.each([
    ['of somebody who is known', true],
    ['of a number that is nobody’s', false],
  ])('while the erasure %s waited', async (_whose, isKnown) => {
    if (isKnown) await people.contact(run.api, { phone: PERSON.phone });
    const first = await toPerson();
    await holdPlace();
    let second: any;
    await eraseMeanwhile(async () => void (second = await toPerson()));
    expect(await readMessage(run.api, first.id)).toMatchObject(GONE);
    expect(await readMessage(run.api, second.id)).toMatchObject(GONE);
    expect(await placesOf(run, LEFT)).toEqual([]);
  });

  test('on a machine whose clock is a little ahead', async () => {
    const { id } = await toPerson();
    await rowsOf(run, `update messages set created_at = now() + interval '100 milliseconds' where id = '${id}'`);
    await erase(run.api, { phone: PERSON.phone });
    expect(await readMessage(run.api, id)).toMatchObject(GONE);
  });
});

describe('What takes over from an erased message is not sent either, and nothing of it is kept', () => {
  const successorOf = (id: string): Promise<string> =>
    eventually(async () => {
      const [found] = await rowsOf<{ id: string | null }>(run, `select fallback_id as id from messages where id = '${id}'`);
      expect(found?.id).toEqual(expect.any(String));
      return found?.id ?? '';
    }, 8_000);
  /** Sent, and not delivered in time. */
  const overdue = (id: string, channels: string) =>
    rowsOf(run, `update messages set status = 'SENT', fallback_at = now(), fallback_channels = '{${channels}}' where id = '${id}'`);

  test('where its source fell due after the erasure had begun, from channel to channel', async () => {
    const source = await toPerson();
    const chain = [source.id];
    const { erasure } = run.app.core;
    const work = erasure.run.bind(erasure);
    erasure.run = async (...begun) => {
      for (const channels of ['WHATSAPP,SMS', 'SMS']) {
        await overdue(chain.at(-1), channels);
        chain.push(await successorOf(chain.at(-1)));
      }
      await work(...begun);
    };
    await erase(run.api, { phone: PERSON.phone });
    expect(await readMessage(run.api, chain[2])).toMatchObject(GONE);
    expect(await placesOf(run, LEFT)).toEqual([]);
  });

  test.each(['SENDING', 'SENT'])('where its source was %s and had just been taken when the erasure came to it', async (status) => {
    const { id } = await toPerson();
    await rowsOf(run, `update messages set status = '${status}' where id = '${id}'`);
    await other.query(`select 1 from messages where id = '${id}' for update`);
    const successor = crypto.randomUUID().replace(/^.{15}/, id.slice(0, 15));
    await eraseMeanwhile(async () => {
      await other.query(`create temp table taken on commit drop as select * from messages where id = '${id}'`);
      await other.query(`update taken set id = '${successor}', fallback_of = '${id}', status = 'QUEUED', hint_at = 'tomorrow'`);
      await other.query(`update taken set created_at = clock_timestamp() + interval '1 second'`);
      await other.query('insert into messages select * from taken');
      await other.query(`update messages set status = 'FAILED', fallback_id = '${successor}' where id = '${id}'`);
    });
    expect(await readMessage(run.api, successor)).toMatchObject(GONE);
    expect(await placesOf(run, LEFT)).toEqual([]);
  });

  test('and what a caller wants to retry is not to be retried any more', async () => {
    const { id } = await toPerson();
    await rowsOf(run, `update messages set status = 'FAILED' where id = '${id}'`);
    // What is erased at leisure, of a long history.
    (run.app.core.erasure as any).messages.eraseSome = () => Promise.reject(new Error('the process is gone'));
    await expect(erase(run.api, { phone: PERSON.phone })).rejects.toThrow();
    const retried = await run.api.mutate('mutation ($id: ID!) { retryMessage(id: $id) { userErrors { code } } }', { id });
    expect(retried.retryMessage.userErrors).toMatchObject([{ code: expect.any(String) }]);
  });
});

describe('Who is erased while they are to be asked for their consent', () => {
  /** Everything is known by then, and nothing stored. */
  const askMeanwhile = async (id: string, work: () => Promise<void>): Promise<any> => {
    const { consents } = run.app.core.people;
    const read = consents.consents.bind(consents);
    const spy = vi.spyOn(consents, 'consents').mockImplementationOnce(async (...of) => {
      await work();
      return read(...of);
    });
    const question = { contact: { id }, channel: 'SMS', categories: ['MARKETING'], statement: PERSON.statement };
    const { requestOptIn } = await run.api.mutate(REQUEST_OPT_IN, { input: question });
    spy.mockRestore();
    return requestOptIn;
  };

  test('is not asked, and nothing of it is kept', async () => {
    const { id } = await people.contact(run.api, { phone: PERSON.phone });
    const { token, userErrors } = await askMeanwhile(id, async () => void (await erase(run.api, { id })));
    expect({ token, userErrors }).toMatchObject({ token: null, userErrors: [{ code: 'NOT_FOUND' }] });
    expect(await rowsOf(run, 'select id from messages union all select id from opt_in_requests')).toEqual([]);
    expect(await placesOf(run, [PERSON.statement, PERSON.phone])).toEqual([]);
  });
});
