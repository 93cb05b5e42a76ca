import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, NUMBER } from '../../support/given.js';
import { SEND_BULK } from '../../support/operations.js';
import { footprint, rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ENABLE, saved } from '../../support/templates.js';
import { csv, numberOf, openUpload, upload } from '../../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  const translations = [
    { language: 'en', body: '{{ sender }}: {{ name }}, {{ order.total | money: "SAR" }}' },
    { language: 'ar', body: '{{ sender }}: {{ name }}، {{ order.total | money: "SAR" }}' },
  ];
  await saved(run.api, { code: 'order', category: 'UTILITY', topic: 'orders', translations, publish: true });
});
afterAll(() => run.stop());

const ORDER = { template: 'order', body: null };
const bodiesOf = async (batchId: string): Promise<string[]> => {
  const query = 'query ($id: ID!) { batch(id: $id) { messages(first: 200) { nodes { body template { code } language } } } }';
  const { batch } = await run.api.query(query, { id: batchId });
  return batch.messages.nodes.map(({ body, template, language }: any) => `${template.code} ${language} ${body}`).toReversed();
};
const recipient = (name: string, more: object = {}) => ({ to: NUMBER, variables: { name, order: { total: '5' } }, ...more });

describe('sendBulk with a template', () => {
  test('writes to each in their own words and language', async () => {
    const recipients = [recipient('Layla'), recipient('علي', { language: 'ar' })];
    const batch = await given.batch(run.api, { ...ORDER, recipients });
    expect(await bodiesOf(batch.id)).toEqual(['order en Demo: Layla, SAR 5.00', 'order ar \u2068Demo\u2069: علي، 5.00 ر.س.']);
  });

  test('rejects those whose variables do not suffice, by their place, and sends to the others', async () => {
    const recipients = [{ to: NUMBER, variables: { name: 'A' } }, recipient('B'), { to: NUMBER }, recipient('C', { to: 'nobody' })];
    const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'Orders', ...ORDER, recipients } });
    expect(sendBulk.rejected).toMatchObject([
      { index: 0, code: 'TEMPLATE_VARIABLE_MISSING', message: expect.stringContaining('order.total') },
      { index: 2, code: 'TEMPLATE_VARIABLE_MISSING' },
      { index: 3, code: 'INVALID_PHONE_NUMBER' },
    ]);
    expect(await bodiesOf(sendBulk.batch.id)).toEqual(['order en Demo: B, SAR 5.00']);
  });

  test('is forecast from the filled-in texts', async () => {
    const input = {
      name: 'Orders',
      ...ORDER,
      recipients: [recipient('L'.repeat(200)), recipient('علي', { language: 'ar' }), { to: NUMBER }],
    };
    const query =
      'query ($input: SendBulkInput!) { forecastBulk(input: $input) { deliverable segments encoding rejected { index code } } }';
    const { forecastBulk } = await run.api.query(query, { input });
    expect(forecastBulk).toEqual({
      deliverable: 2,
      segments: 3,
      encoding: 'UCS2',
      rejected: [{ index: 2, code: 'TEMPLATE_VARIABLE_MISSING' }],
    });
  });

  test('rejects a recipient whose text takes too much, and is refused as a whole when that goes on', async () => {
    await saved(run.api, { code: 'greedy', body: 'Demo: {% for i in (1..n) %}{% endfor %}done', publish: true });
    const of = (n: number) => ({ to: NUMBER, variables: { n } });
    const few = [of(1), of(1_000_000), of(2)];
    const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'Few', template: 'greedy', recipients: few } });
    expect(sendBulk).toMatchObject({ batch: { total: 3 }, rejected: [{ index: 1, code: 'TEMPLATE_INVALID' }] });
    const before = await footprint(run);
    const many = Array.from({ length: 1_000 }, () => of(1_000_000));
    const answer = await run.api.mutate(SEND_BULK, { input: { name: 'Many', template: 'greedy', recipients: many } });
    expect(answer.sendBulk).toMatchObject({ batch: null, userErrors: [{ code: 'TEMPLATE_INVALID', field: ['template'] }] });
    expect(await footprint(run)).toEqual(before);
  });

  test('is refused as a whole when there is no such template', async () => {
    const before = await footprint(run);
    const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'x', template: 'nowhere', recipients: [recipient('A')] } });
    expect(sendBulk).toMatchObject({ batch: null, userErrors: [{ code: 'TEMPLATE_NOT_FOUND', field: ['template'] }] });
    expect(await footprint(run)).toEqual(before);
  });

  test("has the template's category and topic", async () => {
    await saved(run.api, { code: 'sale', category: 'MARKETING', topic: 'offers', body: 'Demo: sale! Reply STOP to stop.', publish: true });
    const { sendBulk } = await run.api.mutate(SEND_BULK, { input: { name: 'Sale', template: 'sale', recipients: [{ to: NUMBER }] } });
    expect(sendBulk.rejected).toMatchObject([{ code: 'CONSENT_REQUIRED' }]);
    expect(await rowsOf(run, `select category, topic from batches where name = 'Sale'`)).toEqual([
      { category: 'MARKETING', topic: 'offers' },
    ]);
  });
});

describe('POST /batches with a template', () => {
  const options = { with: { template: 'order' } };

  test('takes the columns of a CSV file as variables', async () => {
    const file = csv('to,name,order.total,language', `${NUMBER},Layla,5,`, `${NUMBER},علي,7.5,ar`);
    const { status, body } = await upload(run.api, file, options);
    expect([status, body.accepted, body.unusedColumns]).toEqual([200, 2, []]);
    expect(await bodiesOf(body.batchId)).toEqual(['order en Demo: Layla, SAR 5.00', 'order ar \u2068Demo\u2069: علي، 7.50 ر.س.']);
  });

  test('reports lines whose cells are empty or wrong, and goes on', async () => {
    const file = csv('to,name,order.total', `${NUMBER},A,`, `${NUMBER},B,much`, `${NUMBER},C,1`);
    const { body } = await upload(run.api, file, options);
    expect(body.rejections).toMatchObject([
      { line: 2, code: 'TEMPLATE_VARIABLE_MISSING' },
      { line: 3, code: 'INVALID_INPUT' },
    ]);
    expect(await bodiesOf(body.batchId)).toEqual(['order en Demo: C, SAR 1.00']);
  });

  test('takes the variables of NDJSON lines, within `variables` or beside', async () => {
    const lines = [
      { to: NUMBER, variables: { name: 'A', order: { total: 1 } } },
      { to: NUMBER, name: 'B', 'order.total': 2 },
    ];
    const file = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const { body } = await upload(run.api, file, { ...options, headers: { 'content-type': 'application/x-ndjson' } });
    expect(await bodiesOf(body.batchId)).toEqual(['order en Demo: A, SAR 1.00', 'order en Demo: B, SAR 2.00']);
  });

  test('is not led astray by names of the language', async () => {
    const file = csv('to,name,order.total,__proto__,constructor.prototype.x', `${NUMBER},A,1,p,q`);
    expect((await upload(run.api, file, options)).body.accepted).toBe(1);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('keeps to the version that it began with', async () => {
    await saved(run.api, { code: 'pinned', body: 'Demo: one', publish: true });
    const lines = (from: number) => Array.from({ length: 1_000 }, (_, index) => `${numberOf(from + index)}\n`).join('');
    const open = openUpload(run.api, { with: { template: 'pinned' } });
    await open.write(`to\n${lines(0)}${lines(1_000)}`);
    await expect.poll(async () => (await rowsOf(run, `select 1 from messages where template_code = 'pinned'`)).length).toBeGreaterThan(0);
    await saved(run.api, { code: 'pinned', body: 'Demo: two', publish: true });
    await open.write(lines(2_000));
    open.end();
    expect((await open.answer).body).toMatchObject({ accepted: 3_000 });
    const versions = await rowsOf(run, `select distinct template_version as version from messages where template_code = 'pinned'`);
    expect(versions).toEqual([{ version: 1 }]);
  });

  test('ends when the template is disabled meanwhile; what was accepted stays', async () => {
    await saved(run.api, { code: 'stopped', body: 'Demo: {{ n }}', publish: true });
    const lines = (from: number) => Array.from({ length: 1_000 }, (_, index) => `${numberOf(from + index)},${index}\n`).join('');
    const open = openUpload(run.api, { with: { template: 'stopped' } });
    await open.write(`to,n\n${lines(0)}${lines(1_000)}`);
    await expect.poll(async () => (await rowsOf(run, `select 1 from messages where template_code = 'stopped'`)).length).toBeGreaterThan(0);
    await run.api.mutate(ENABLE, { code: 'stopped', enabled: false });
    await open.write(lines(2_000));
    open.end();
    const { body } = await open.answer;
    expect(body).toMatchObject({ code: 'TEMPLATE_NOT_FOUND', batchId: expect.any(String) });
  });
});
