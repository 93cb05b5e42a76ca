import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, inSeconds } from '../support/given.js';
import { BATCH, SEND_BULK } from '../support/operations.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, numbers, rejectionsOf, upload } from '../support/upload.js';

/** Without a worker, so that what is accepted stays as it is. */
let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

const NDJSON = { 'content-type': 'application/x-ndjson' };
const stored = (batchId: string) =>
  rowsOf(run, `select reference, language, status, topic from messages where batch_id = '${batchId}' order by id`);

describe('POST /batches', () => {
  test('accepts those who can be sent to, and reports the others with their line', async () => {
    const file = csv(
      'to,reference,language,city',
      '+14155550101,a,en-us,Riyadh',
      'nobody,b,,',
      '+14155550102,,,',
      ',c,,',
      '+14155550103,x,no-such-tag-x,',
    );
    const { status, body } = await upload(run.api, file, { with: { topic: 'spring', maxCost: '10' } });
    const { batchId, rejectionsUrl, ...rest } = body;
    expect(status).toBe(200);
    expect(rest).toEqual({
      status: 'RUNNING',
      total: 5,
      accepted: 2,
      rejected: 3,
      unusedColumns: ['city'],
      rejections: [
        { line: 3, to: 'nobody', code: 'INVALID_PHONE_NUMBER', message: 'The number has letters in it; write it in digits.' },
        { line: 5, to: '', code: 'INVALID_INPUT', message: 'Say whom to send to.' },
        { line: 6, to: '+14155550103', code: 'INVALID_INPUT', message: 'A language tag such as en, ar or hi-IN.' },
      ],
    });
    expect(rejectionsUrl).toBe(`${run.url}/batches/${batchId}/rejections`);
    expect(await stored(batchId)).toEqual([
      { reference: 'a', language: 'en-US', status: 'QUEUED', topic: 'spring' },
      { reference: null, language: null, status: 'QUEUED', topic: 'spring' },
    ]);
  });

  test('makes a batch like any other', async () => {
    const { body } = await upload(run.api, csv('to', ...numbers(3), 'nobody'), { with: { name: ' Spring ' } });
    const { batch } = await run.api.query(BATCH, { id: body.batchId });
    const { messages, createdAt: _at, ...rest } = batch;
    const counts = { counts: [{ status: 'QUEUED', count: 3 }], progress: 0, completedAt: null };
    expect(rest).toMatchObject({ id: body.batchId, name: 'Spring', status: 'RUNNING', total: 4, rejected: 1, ...counts });
    expect(messages.nodes.map(({ to }: any) => to).toSorted()).toEqual(numbers(3));
  });

  test('takes NDJSON, and gzip of either', async () => {
    const file = numbers(2)
      .map((to, index) => `${JSON.stringify({ to, reference: `r${index}`, variables: { name: 'Ann' } })}\n`)
      .join('');
    const plain = await upload(run.api, file, { headers: NDJSON });
    const packed = await upload(run.api, gzipSync(file), { headers: { ...NDJSON, 'content-encoding': 'gzip' } });
    expect([plain.body.accepted, packed.body.accepted, packed.body.unusedColumns]).toEqual([2, 2, ['name']]);
    expect(await stored(packed.body.batchId)).toMatchObject([{ reference: 'r0' }, { reference: 'r1' }]);
  });

  test('takes gzip in several members and with zeros behind it, and refuses what goes on behind zeros', async () => {
    const [first, second] = [gzipSync(csv('to', ...numbers(3))), gzipSync(csv(...numbers(3, 3)))];
    const sent = async (...pieces: Buffer[]) => upload(run.api, Buffer.concat(pieces), { headers: { 'content-encoding': 'gzip' } });
    expect((await sent(first, second, Buffer.alloc(512))).body).toMatchObject({ accepted: 6 });
    const untouched = await footprint(run);
    expect(await sent(first, Buffer.alloc(512), second)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
    expect(await footprint(run)).toEqual(untouched);
  });

  test('takes every parameter of sendBulk', async () => {
    const sendAt = inSeconds(3600);
    await given.session(run, ['+14155550101']);
    await given.consent(run.api, '+14155550101', { channels: ['WHATSAPP', 'SMS'] });
    const parameters = {
      channels: 'WHATSAPP,SMS',
      category: 'MARKETING',
      sendAt,
      language: 'ar',
      topic: 't',
      maxCost: '1.5',
      body: 'Hello & welcome; 1+1',
    };
    const { body } = await upload(run.api, csv('to', '+14155550101'), { with: parameters });
    const [row] = await rowsOf(
      run,
      `select channel, category, status, language, topic, fallback_channels, scheduled_for from messages where batch_id = '${body.batchId}'`,
    );
    const fallback = { fallback_channels: ['SMS'], scheduled_for: new Date(sendAt) };
    expect(row).toEqual({ channel: 'WHATSAPP', category: 'MARKETING', status: 'SCHEDULED', language: 'ar', topic: 't', ...fallback });
    const [{ node }] = (await run.api.query('{ messages(first: 1) { edges { node { body } } } }')).messages.edges;
    expect(node.body).toBe('Hello & welcome; 1+1');
  });

  test('takes the longest text in any script', async () => {
    const body = 'ह'.repeat(4_096);
    const answer = await upload(run.api, csv('to', '+14155550101'), { with: { channels: 'WHATSAPP', body } });
    expect(answer.body.accepted).toBe(1);
    const [{ node }] = (await run.api.query('{ messages(first: 1) { edges { node { body } } } }')).messages.edges;
    expect(node.body).toBe(body);
  });

  test('of nobody who can be reached is over at once', async () => {
    const { body } = await upload(run.api, csv('to', 'nobody', 'nowhere'));
    expect(body).toMatchObject({ status: 'COMPLETED', total: 2, accepted: 0, rejected: 2 });
  });
});

describe('POST /batches refuses, and stores and sends nothing:', () => {
  const ONE = csv('to', '+14155550101');
  const refused: [string, Parameters<typeof upload>[2], string, number, string][] = [
    ['no name', { with: { name: ' ' } }, ONE, 400, 'INVALID_INPUT name'],
    ['an empty text', { with: { body: '' } }, ONE, 400, 'INVALID_INPUT body'],
    ['a channel that is none', { with: { channels: 'SMS,FAX' } }, ONE, 400, 'INVALID_INPUT channels.1'],
    ['a channel without a provider', { with: { channels: 'EMAIL' } }, ONE, 400, 'CHANNEL_UNAVAILABLE channels.0'],
    ['a time without a zone', { with: { sendAt: '2030-01-01T00:00:00' } }, ONE, 400, 'INVALID_INPUT sendAt'],
    ['a language longer than any', { with: { language: `en-x${'-abcdefgh'.repeat(11)}` } }, ONE, 400, 'INVALID_INPUT language'],
    ['a ceiling that is none', { with: { maxCost: '1e3' } }, ONE, 400, 'INVALID_INPUT maxCost'],
    ['a parameter that does not exist', { with: { maxcost: '5' } }, ONE, 400, 'INVALID_INPUT maxcost'],
    [
      'two idempotency keys',
      { with: { idempotencyKey: 'a' }, headers: { 'idempotency-key': 'b' } },
      ONE,
      400,
      'INVALID_INPUT idempotencyKey',
    ],
    ['a file without recipients', {}, csv('to'), 400, 'INVALID_INPUT recipients'],
    ['a placeholder that the file has', { with: { body: 'Hi {name}' } }, csv('to,name', '+14155550101,Ann'), 400, 'INVALID_INPUT body'],
    ['a placeholder for whom to send to', { with: { body: 'You are {{ to }}' } }, ONE, 400, 'INVALID_INPUT body'],
    ['a header without `to`', {}, csv('phone', '+14155550101'), 400, 'BAD_USER_INPUT '],
    ['another content type', { headers: { 'content-type': 'application/json' } }, '{}', 415, 'BAD_USER_INPUT '],
    ['another character set', { headers: { 'content-type': 'text/csv; charset=latin1' } }, ONE, 415, 'BAD_USER_INPUT '],
    ['a character set that cannot be read', { headers: { 'content-type': 'text/csv; charset=utf-8  "x' } }, ONE, 415, 'BAD_USER_INPUT '],
    ['another encoding', { headers: { 'content-encoding': 'br' } }, ONE, 415, 'BAD_USER_INPUT '],
    ['what is no gzip', { headers: { 'content-encoding': 'gzip' } }, ONE, 400, 'BAD_USER_INPUT '],
  ];

  test.each(refused)('%s', async (_what, options, file, expectedStatus, expected) => {
    const untouched = await footprint(run);
    const { status, body } = await upload(run.api, file, options);
    const field = body.userErrors?.[0]?.field.join('.') ?? '';
    expect([status, `${body.code} ${field}`]).toEqual([expectedStatus, expected]);
    expect([body.batchId, body.requestId]).toEqual([undefined, expect.any(String)]);
    expect(await footprint(run)).toEqual(untouched);
  });

  test('a parameter that is given twice, and says that', async () => {
    const query = 'name=a&name=b&body=Hello&category=UTILITY&category=SERVICE';
    const headers = { 'content-type': 'text/csv', authorization: `Bearer ${run.api.key}` };
    const response = await fetch(`${run.url}/batches?${query}`, { method: 'POST', body: ONE, headers });
    const message = 'Given more than once.';
    expect(await response.json()).toMatchObject({
      userErrors: [
        { field: ['name'], message },
        { field: ['category'], message },
      ],
    });
  });

  test('a tenant that is switched off', async () => {
    const { admin } = await run.withTenant('upload-off');
    await admin.mutate('mutation { updateTenant(input: { messagingEnabled: false }) { userErrors { code } } }');
    const untouched = await footprint(run);
    const { status, body } = await upload(admin, csv('to', ...numbers(2_500)));
    expect([status, body.code, body.batchId]).toEqual([400, 'CHANNEL_UNAVAILABLE', undefined]);
    expect(await footprint(run)).toEqual(untouched);
  });

  test('whoever has not signed in, or may not send', async () => {
    const untouched = await footprint(run);
    const { viewer, sender } = await run.withTenant('upload-rights');
    const [nobody, reader] = [await upload(run.nobody, ONE), await upload(viewer, ONE)];
    expect([nobody.status, nobody.body.code, reader.status, reader.body.code]).toEqual([401, 'UNAUTHENTICATED', 403, 'FORBIDDEN']);
    expect(await footprint(run)).toEqual(untouched);
    expect((await upload(sender, ONE)).body.accepted).toBe(1);
  });
});

describe('GET /batches/:id/rejections', () => {
  const uploaded = async () =>
    (await upload(run.api, csv('to', '+14155550101', '0800 "x"', '=1+1', '-5', 'nobody@example.com'))).body.batchId as string;

  test('hides a number that stands behind an email address', async () => {
    const { operator, viewer } = await run.withTenant('rejections-mixed');
    const { body } = await upload(operator, csv('to', 'sara@example.org +966500000567', 'sara@example.org; 0500000567'));
    expect(await (await rejectionsOf(viewer, body.batchId)).text()).not.toContain('500000567');
  });

  test('gives all of them as CSV, safe to open in a spreadsheet', async () => {
    const batchId = await uploaded();
    const response = await rejectionsOf(run.api, batchId);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="rejections-${batchId}.csv"`);
    const lines = (await response.text()).split('\r\n');
    expect(lines.map((line) => line.split(',').slice(0, 2).join(','))).toEqual([
      'line,to',
      '3,""',
      `4,"'=1+1"`,
      '5,"-5"',
      '6,"nobody@example.com"',
      '',
    ]);
  });

  test('gives them as NDJSON when asked', async () => {
    const batchId = await uploaded();
    const texts = [await (await rejectionsOf(run.api, batchId, '?format=ndjson')).text()];
    const accept = { accept: 'application/x-ndjson', authorization: `Bearer ${run.api.key}` };
    texts.push(await (await fetch(`${run.url}/batches/${batchId}/rejections`, { headers: accept })).text());
    expect(texts[0]).toBe(texts[1]);
    expect(JSON.parse(texts[0]?.split('\n')[1] ?? '')).toEqual({
      line: 4,
      to: '=1+1',
      code: 'INVALID_PHONE_NUMBER',
      message: expect.any(String),
    });
  });

  test('more than the answer shows', async () => {
    const { body } = await upload(run.api, csv('to', ...Array.from({ length: 2_500 }, (_, index) => `x${index}`)));
    expect([body.rejected, body.rejections.length, body.rejections.at(-1).line]).toEqual([2_500, 1_000, 1_001]);
    const text = await (await rejectionsOf(run.api, body.batchId)).text();
    expect(
      text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => Number(line.split(',')[0])),
    ).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 2));
  });

  test('hides numbers from who may not see them, and keeps them sealed', async () => {
    const { operator, viewer } = await run.withTenant('rejections-rights');
    const { body } = await upload(operator, csv('to', '+966112345678'));
    const read = async (api: typeof viewer) => JSON.parse(await (await rejectionsOf(api, body.batchId, '?format=ndjson')).text()).to;
    expect([await read(operator), await read(viewer)]).toEqual(['+966112345678', '+9661•••••678']);
    const [row] = await rowsOf<{ rejections: Buffer }>(
      run,
      `select rejections from batch_upload_chunks where batch_id = '${body.batchId}'`,
    );
    expect(row?.rejections.includes('966112345678')).toBe(false);
  });

  test('finds nothing of another tenant, nothing that was not uploaded, and no other format', async () => {
    const batchId = await uploaded();
    const { admin } = await run.withTenant('rejections-strangers');
    const { id } = await given.batch(run.api);
    const answers = [
      rejectionsOf(admin, batchId),
      rejectionsOf(run.api, id),
      rejectionsOf(run.api, 'x'),
      rejectionsOf(run.nobody, batchId),
      rejectionsOf(run.api, batchId, '?format=xml'),
    ];
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 404, 404, 401, 400]);
  });
});

test('sendBulk and POST /batches agree on who can be sent to', async () => {
  const written = [
    '+14155550101',
    '14155550101',
    '(415) 555-0101',
    '٠٠١٤١٥٥٥٥٠١٠١',
    'tel:+1-415-555-0101',
    '+1415555010',
    '+96611234567',
    ' ',
  ];
  const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'x', body: 'x', recipients: written.map((to) => ({ to })) } });
  const { body } = await upload(run.api, `to,x\n${written.map((to) => `"${to}",x\n`).join('')}`);
  const short = (place: string) => (one: any) => [one[place], one.code, one.message];
  expect(body.rejections.map(short('line'))).toEqual(
    sendBulk.rejected.map(short('index')).map(([index, ...why]: any) => [index + 2, ...why]),
  );
});
