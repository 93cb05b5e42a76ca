import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, NUMBER } from '../../support/given.js';
import { SEND, SEND_BULK } from '../../support/operations.js';
import { rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const SET_BUDGET = `mutation ($input: BudgetInput!) { setBudget(input: $input) { userErrors { code } } }`;
const STORING = `select from pg_locks l join pg_database d on d.oid = l.database
  where d.datname = current_database() and l.relation = 'idempotency_keys'::regclass and l.mode = 'RowExclusiveLock'`;

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

type Input = Record<string, unknown>;
const send = async (input: Input) => (await run.api.mutate(SEND, { input: { to: NUMBER, body: 'Hello', ...input } })).sendMessage;
const bulk = async (input: Input) =>
  (await run.api.mutate(SEND_BULK, { input: { name: 'Sale', body: 'Hello', recipients: [{ to: NUMBER }], ...input } })).sendBulk;

const count = async (table: string, where: string): Promise<number> =>
  (await rowsOf<{ n: number }>(run, `select count(*)::int as n from ${table} where ${where}`))[0]!.n;

describe('sendMessage with an idempotency key', () => {
  test('returns the first message to the same input, as it is by then, and sends nothing', async () => {
    const input = { idempotencyKey: 'order-1', reference: 'order-1', topic: 'orders' };
    const { message } = await send(input);
    await messageIn(run.api, 'DELIVERED', message.id);
    expect(await send({ ...input, topic: 'orders' })).toMatchObject({
      message: { id: message.id, status: 'DELIVERED' },
      duplicate: true,
      userErrors: [],
    });
    expect(await send({ ...input, immediate: true })).toMatchObject({ message: { id: message.id }, duplicate: true });
    expect(await count('messages', `reference = 'order-1'`)).toBe(1);
    expect(run.simulator.asked(message.id)).toBe(1);
  });

  test.each<[string, Input]>([
    ['another text', { body: 'Hello!' }],
    ['another number', { to: '+14155550199' }],
    ['another time', { sendAt: inSeconds(60) }],
    ['a reference', { reference: 'other' }],
  ])('refuses %s under the same key, and leaves the first message alone', async (what, input) => {
    const key = { idempotencyKey: `key of ${what}` };
    const first = await send(key);
    const before = await count('messages', 'true');
    const userErrors = [{ code: 'CONFLICT', message: 'This idempotency key was used before with other input.', field: ['idempotencyKey'] }];
    expect(await send({ ...key, ...input })).toEqual({ message: null, duplicate: false, userErrors });
    expect(await send({ ...key, ...input, immediate: true })).toEqual({ message: null, duplicate: false, userErrors });
    expect(await count('messages', 'true')).toBe(before);
    expect(await send(key)).toMatchObject({ message: { id: first.message.id }, duplicate: true });
  });

  test('makes one message of twenty calls at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ idempotencyKey: 'at once', reference: 'at once' })));
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await count('messages', `reference = 'at once'`)).toBe(1);
    await messageIn(run.api, 'DELIVERED', answers[0].message.id);
    expect(run.simulator.asked(answers[0].message.id)).toBe(1);
  });

  test('returns the first message even when the same input would be refused by now', async () => {
    const input = { idempotencyKey: 'late', expiresAt: inSeconds(1.5) };
    const { message } = await send(input);
    await messageIn(run.api, 'DELIVERED', message.id);
    await new Promise((resolve) => setTimeout(resolve, new Date(input.expiresAt).getTime() - Date.now() + 10));
    expect(await send(input)).toMatchObject({ message: { id: message.id }, duplicate: true, userErrors: [] });
    expect(await send({ ...input, body: 'Other' })).toMatchObject({ message: null, userErrors: [{ code: 'INVALID_INPUT' }] });
  });

  test('returns the first message while that one is still being stored, though it has taken all of the budget', async () => {
    const { admin } = await run.withTenant('spender');
    await admin.mutate(SET_BUDGET, { input: { period: 'DAY', limit: '0.01', currency: 'USD', hardStop: true } });
    const input = { to: NUMBER, body: 'Hello', idempotencyKey: 'slow', reference: 'slow' };
    const call = async (): Promise<any> => (await admin.mutate(SEND, { input })).sendMessage;
    const slow = new pg.Client(run.database.url);
    await slow.connect();
    const calls: Promise<any>[] = [];
    try {
      await slow.query('begin; lock table messages in exclusive mode');
      for (const storing of [1, 2]) {
        calls.push(call());
        await eventually(async () => expect((await slow.query(STORING)).rows).toHaveLength(storing));
      }
    } finally {
      await slow.end();
    }
    const [first, second] = await Promise.all(calls);
    expect(first).toMatchObject({ duplicate: false, userErrors: [] });
    expect(second).toMatchObject({ message: { id: first.message.id }, duplicate: true, userErrors: [] });
    expect(await count('messages', `reference = 'slow'`)).toBe(1);
  });

  test('does not use up the key when the input is refused', async () => {
    const key = { idempotencyKey: 'second try' };
    expect(await send({ ...key, to: 'nobody' })).toMatchObject({ message: null, userErrors: [{ code: 'INVALID_PHONE_NUMBER' }] });
    expect(await send(key)).toMatchObject({ duplicate: false, userErrors: [] });
  });

  test.each([
    ['sendMessage', send],
    ['sendBulk', bulk],
  ])('refuses one that is too long for every index, like any that is too long (%s)', async (_what, call) => {
    const before = await count('idempotency_keys', 'true');
    const { userErrors } = await call({ idempotencyKey: randomBytes(8_000).toString('hex') });
    expect(userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['idempotencyKey'] }]);
    expect(await count('idempotency_keys', 'true')).toBe(before);
  });

  test('knows nothing of the keys of another tenant, nor of those of bulk sends', async () => {
    const { admin } = await run.withTenant('neighbour');
    const { message } = await send({ idempotencyKey: 'shared' });
    const other = await given.message(admin, { idempotencyKey: 'shared' });
    expect(other.id).not.toBe(message.id);
    expect(await bulk({ idempotencyKey: 'shared' })).toMatchObject({ batch: { total: 1 }, userErrors: [] });
  });
});

describe('sendBulk with an idempotency key', () => {
  const recipients = [{ to: NUMBER }, { to: 'nobody' }, { to: '+14155550102' }];

  test('returns the first batch to the same input, with the same rejections, and sends nothing', async () => {
    const first = await bulk({ idempotencyKey: 'sale-1', recipients });
    const again = await bulk({ idempotencyKey: 'sale-1', recipients });
    expect(first.rejected).toMatchObject([{ index: 1, to: 'nobody', code: 'INVALID_PHONE_NUMBER' }]);
    expect(again).toMatchObject({ batch: { id: first.batch.id, total: 3, rejected: 1 }, rejected: first.rejected, userErrors: [] });
    expect(await count('messages', `batch_id = '${first.batch.id}'`)).toBe(2);
  });

  test('refuses other input under the same key', async () => {
    await bulk({ idempotencyKey: 'sale-2', recipients });
    const before = await count('batches', 'true');
    const answer = await bulk({ idempotencyKey: 'sale-2', recipients: recipients.slice(0, 2) });
    expect(answer).toMatchObject({ batch: null, rejected: [], userErrors: [{ code: 'CONFLICT', field: ['idempotencyKey'] }] });
    expect(await count('batches', 'true')).toBe(before);
  });

  test('makes one batch of twenty calls at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => bulk({ idempotencyKey: 'bulk at once', recipients })));
    const [batchId, ...others] = new Set(answers.map(({ batch }) => batch.id));
    expect(others).toEqual([]);
    expect(await count('messages', `batch_id = '${batchId}'`)).toBe(2);
  });
});
