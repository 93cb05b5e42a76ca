import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { BATCH, onBatch, PROGRESS } from '../support/operations.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { PUBLISH, saved } from '../support/templates.js';
import { csv, numbers, openUpload, rejectionsOf, upload, type OpenUpload } from '../support/upload.js';

/** Without a worker, so that what is accepted stays as it is. */
let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

/** Every tenth line is a bad one. */
const LINES = numbers(4_000).map((to, index) => `${index % 10 === 9 ? 'nobody' : to},r${index}`);
const FILE = csv('to,reference', ...LINES);
const DONE = { status: 'RUNNING', total: 4_000, accepted: 3_600, rejected: 400 };

/** Batches are told apart by their names. */
const named = () => ({ with: { name: crypto.randomUUID() } });
const newKey = () => ({ with: { ...named().with, idempotencyKey: crypto.randomUUID() } });
const batchOf = async (id: string) => (await run.api.query(BATCH, { id })).batch;
/** Its id, once so many lines of it are accepted. */
const idOnce = async (count: number, name: string): Promise<string> =>
  eventually(async () => {
    const { nodes } = (await run.api.query('{ batches(first: 5) { nodes { id name total } } }')).batches;
    expect(nodes).toContainEqual({ id: expect.any(String), name, total: count });
    return nodes.find((batch: any) => batch.name === name).id;
  });

/** Once the api has noticed that the connection is gone: until then another upload with the key would be CONFLICT. */
const released = (id: string): Promise<void> =>
  eventually(async () => {
    const held = `select from batch_uploads where batch_id = '${id}' and ended_at is null and lease_until > now()`;
    expect(await rowsOf(run, held)).toHaveLength(0);
  });

/** Sends so many lines of the file, waits until the full thousands are accepted, and cuts the connection. */
async function broken(lines: number, options: { with: { name: string } }): Promise<string> {
  const sending = openUpload(run.api, options);
  await sending.write(csv('to,reference', ...LINES.slice(0, lines)));
  const id = await idOnce(Math.floor(lines / 1_000) * 1_000, options.with.name);
  await sending.cut();
  await released(id);
  return id;
}

/** Each accepted line once, and no other. */
async function expectAllOnce(batchId: string): Promise<void> {
  const rows = await rowsOf<{ reference: string }>(run, `select reference from messages where batch_id = '${batchId}' order by id`);
  expect(rows.map(({ reference }) => reference)).toEqual(LINES.flatMap((_, index) => (index % 10 === 9 ? [] : [`r${index}`])));
  const rejected = await (await rejectionsOf(run.api, batchId)).text();
  expect(
    rejected
      .split('\r\n')
      .slice(1, -1)
      .map((line) => Number.parseInt(line, 10)),
  ).toEqual(Array.from({ length: 400 }, (_, index) => 11 + index * 10));
}

describe('an upload that breaks off', () => {
  test('keeps what it had accepted, and goes on there when the file is sent again with its key', async () => {
    const key = newKey();
    const id = await broken(2_500, key);
    expect(await batchOf(id)).toMatchObject({ status: 'ACCEPTING', total: 2_000, rejected: 200 });
    const { status, body } = await eventually(async () => {
      const answer = await upload(run.api, FILE, key);
      expect(answer.status).toBe(200);
      return answer;
    });
    expect([status, body.batchId]).toEqual([200, id]);
    expect(body).toMatchObject(DONE);
    expect(body.rejections.map(({ line }: any) => line)).toEqual(Array.from({ length: 400 }, (_, index) => 11 + index * 10));
    await expectAllOnce(id);
  });

  test('again and again, and comes back packed, is complete in the end', async () => {
    const { with: parameters } = newKey();
    const id = await broken(1_200, { with: parameters });
    // Far enough that it is known to have begun: one that begins after its end would hold the upload from the next.
    await broken(2_999, { with: parameters });
    expect(await broken(3_999, { with: parameters })).toBe(id);
    const { body } = await upload(run.api, gzipSync(FILE), { with: parameters, headers: { 'content-encoding': 'gzip' } });
    expect(body).toMatchObject({ ...DONE, batchId: id });
    await expectAllOnce(id);
  });

  test('because its gzip data ends too early is told so, and can go on', async () => {
    const { with: parameters } = newKey();
    const gzip = { with: parameters, headers: { 'content-encoding': 'gzip' } };
    const packed = gzipSync(FILE);
    const { status, body } = await upload(run.api, packed.subarray(0, packed.length - 9_000), gzip);
    expect([status, body.code, body.batchId]).toEqual([400, 'BAD_USER_INPUT', expect.any(String)]);
    expect((await upload(run.api, packed, gzip)).body).toMatchObject({ ...DONE, batchId: body.batchId });
    await expectAllOnce(body.batchId);
  });

  test('goes on with the version of its template that it began with, whatever was published meanwhile', async () => {
    const publish = async (body: string): Promise<void> => {
      const { versions } = await saved(run.api, { code: 'resumed', name: 'R', category: 'UTILITY', body });
      await run.api.mutate(PUBLISH, { code: 'resumed', version: versions[0].version });
    };
    const { with: parameters } = newKey();
    const templated = { with: { ...parameters, template: 'resumed' } };
    await publish('The first text.');
    const id = await broken(2_500, templated);
    await publish('Another text.');
    await eventually(async () => expect((await upload(run.api, FILE, templated)).body).toMatchObject({ ...DONE, batchId: id }));
    const versions = `select template_version as version, count(*)::int from messages where batch_id = '${id}' group by 1`;
    expect(await rowsOf(run, versions)).toEqual([{ version: 1, count: 3_600 }]);
    const other = await upload(run.api, FILE, { with: { template: 'resumed' } });
    expect(await rowsOf(run, versions.replace(id, other.body.batchId))).toEqual([{ version: 2, count: 3_600 }]);
  });

  test('without a key runs with what it has', async () => {
    const id = await broken(2_500, named());
    await eventually(async () => expect(await batchOf(id)).toMatchObject({ status: 'RUNNING', total: 2_000 }));
  });

  test('without a key tells whoever watches that the batch runs', async () => {
    const options = named();
    const sending = openUpload(run.api, options);
    await sending.write(csv('to,reference', ...LINES.slice(0, 1_500)));
    const progress = run.api.subscribe(PROGRESS, { id: await idOnce(1_000, options.with.name) });
    expect((await progress.next()).batchProgress.status).toBe('ACCEPTING');
    // Until what was accepted has been told: that would bring the news as well.
    await pause(1_500);
    await sending.cut();
    while ((await progress.next()).batchProgress.status !== 'RUNNING');
    await progress.close();
  });

  test('is not continued by a file with another line, and the right file goes on', async () => {
    const key = newKey();
    const id = await broken(2_500, key);
    const untouched = await footprint(run);
    const changed = FILE.replace(',r1500\n', ',r1501\n');
    const { status, body } = await eventually(async () => {
      const answer = await upload(run.api, changed, key);
      expect(answer.body.message).not.toContain('under way');
      return answer;
    });
    expect([status, body.code, body.message]).toEqual([409, 'CONFLICT', expect.stringContaining('1002 to 2001')]);
    expect(await footprint(run)).toEqual(untouched);
    expect((await upload(run.api, FILE, key)).body).toMatchObject({ ...DONE, batchId: id });
    await expectAllOnce(id);
  });

  test('is not continued by a shorter file', async () => {
    const key = newKey();
    await broken(2_500, key);
    const { status, body } = await eventually(async () => {
      const answer = await upload(run.api, csv('to,reference', ...LINES.slice(0, 1_000)), key);
      expect(answer.body.message).toContain('fewer lines');
      return answer;
    });
    expect([status, body.code]).toEqual([409, 'CONFLICT']);
  });

  test('because its process died waits until that is certain', async () => {
    const key = newKey();
    const id = await broken(1_500, key);
    await rowsOf(
      run,
      `update batch_uploads set holder = gen_random_uuid(), lease_until = now() + interval '1 second' where batch_id = '${id}'`,
    );
    const { status, body } = await upload(run.api, FILE, key);
    expect([status, body.code, body.message]).toEqual([409, 'CONFLICT', 'Another upload with this idempotency key is under way.']);
    await eventually(async () => expect((await upload(run.api, FILE, key)).body).toMatchObject({ ...DONE, batchId: id }));
    await expectAllOnce(id);
  });

  test('and is not continued within a day runs with what it has, and takes nothing more', async () => {
    const key = newKey();
    const id = await broken(2_500, key);
    await eventually(async () =>
      expect(await rowsOf(run, `select from batch_uploads where batch_id = '${id}' and lease_until <= now()`)).toHaveLength(1),
    );
    await run.app.core.uploads.endAbandoned();
    expect((await batchOf(id)).status).toBe('ACCEPTING');
    await rowsOf(run, `update batch_uploads set lease_until = now() - interval '25 hours' where batch_id = '${id}'`);
    await run.app.core.uploads.endAbandoned();
    expect(await batchOf(id)).toMatchObject({ status: 'RUNNING', total: 2_000 });
    expect((await upload(run.api, FILE, key)).body).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('more lines') });
  });
});

describe('an upload that is complete', () => {
  test('answers its result again when it is repeated, and stores nothing', async () => {
    const key = newKey();
    const first = await upload(run.api, FILE, key);
    const untouched = await footprint(run);
    expect(await upload(run.api, FILE, key)).toEqual(first);
    expect(await upload(run.api, FILE, { with: { name: key.with.name }, headers: { 'idempotency-key': key.with.idempotencyKey } })).toEqual(
      first,
    );
    expect(await footprint(run)).toEqual(untouched);
  });

  test.each([
    ['other parameters', (key: ReturnType<typeof newKey>) => upload(run.api, FILE, { with: { ...key.with, topic: 'other' } })],
    ['a line more', (key: ReturnType<typeof newKey>) => upload(run.api, `${FILE}+14155550101,x\n`, { with: { ...key.with } })],
    [
      'a thousand lines less',
      (key: ReturnType<typeof newKey>) => upload(run.api, csv('to,reference', ...LINES.slice(0, 3_000)), { with: { ...key.with } }),
    ],
    [
      'a line changed',
      (key: ReturnType<typeof newKey>) => upload(run.api, FILE.replace(',r3999\n', ',r4000\n'), { with: { ...key.with } }),
    ],
  ])('is not repeated with %s', async (_what, again) => {
    const key = newKey();
    await upload(run.api, FILE, key);
    const untouched = await footprint(run);
    const { status, body } = await again(key);
    expect([status, body.code, body.userErrors[0].field]).toEqual([409, 'CONFLICT', ['idempotencyKey']]);
    expect(await footprint(run)).toEqual(untouched);
  });

  test('does not stand in the way of the same key for sendBulk or of another tenant', async () => {
    const key = newKey();
    const { body } = await upload(run.api, csv('to', '+14155550101'), key);
    const { sender } = await run.withTenant('same-key');
    const other = await upload(sender, csv('to', '+14155550101'), key);
    expect([other.status, other.body.batchId === body.batchId]).toEqual([200, false]);
  });
});

describe('two uploads with one key at the same time', () => {
  test('become one batch: one is told that the other is under way', async () => {
    const key = newKey();
    const answers = await Promise.all([upload(run.api, FILE, key), upload(run.api, FILE, key), upload(run.api, FILE, key)]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeGreaterThan(0);
    for (const { status, body } of answers)
      expect(status === 200 ? body.batchId : body.code).toBe(status === 200 ? won[0]?.body.batchId : 'CONFLICT');
    await expectAllOnce(won[0]?.body.batchId);
  });

  test('the second is refused at its first thousand, while the first goes on', async () => {
    const key = newKey();
    const first = openUpload(run.api, key);
    await first.write(csv('to,reference', ...LINES.slice(0, 1_500)));
    await idOnce(1_000, key.with.name);
    expect(await upload(run.api, FILE, key)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    await first.write(csv(...LINES.slice(1_500)));
    first.end();
    expect((await first.answer).body).toMatchObject(DONE);
  });
});

describe('a batch whose recipients are still being read', () => {
  const begun = async (): Promise<{ sending: OpenUpload; id: string }> => {
    const options = newKey();
    const sending = openUpload(run.api, options);
    await sending.write(csv('to,reference', ...LINES.slice(0, 1_500)));
    return { sending, id: await idOnce(1_000, options.with.name) };
  };
  const finish = async (sending: OpenUpload) => {
    await sending.write(csv(...LINES.slice(1_500)));
    sending.end();
    return sending.answer;
  };

  test('can be paused and resumed, and is ACCEPTING again', async () => {
    const { sending, id } = await begun();
    expect((await run.api.mutate(onBatch('pauseBatch'), { id })).pauseBatch.batch.status).toBe('PAUSED');
    expect((await run.api.mutate(onBatch('resumeBatch'), { id })).resumeBatch.batch.status).toBe('ACCEPTING');
    expect((await finish(sending)).body).toMatchObject(DONE);
  });

  test('that is paused stays so when all is read, and then runs', async () => {
    const { sending, id } = await begun();
    await run.api.mutate(onBatch('pauseBatch'), { id });
    expect((await finish(sending)).body).toMatchObject({ ...DONE, status: 'PAUSED' });
    expect((await run.api.mutate(onBatch('resumeBatch'), { id })).resumeBatch.batch.status).toBe('RUNNING');
  });

  test('takes nothing more once it is cancelled', async () => {
    const { sending, id } = await begun();
    await run.api.mutate(onBatch('cancelBatch'), { id });
    const { status, body } = await finish(sending);
    expect([status, body.code, body.message, body.batchId]).toEqual([409, 'CONFLICT', 'The batch was cancelled.', id]);
    expect(await batchOf(id)).toMatchObject({ status: 'CANCELLED', total: 1_000 });
  });
});
