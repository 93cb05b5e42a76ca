import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, readMessage } from '../../support/given.js';
import { BATCH, onBatch, SEND_BULK } from '../../support/operations.js';
import { footprint, rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const RECIPIENTS = [{ to: '+14155550101' }];
const bulk = async (input: Record<string, unknown>) =>
  (await run.api.mutate(SEND_BULK, { input: { name: 'Sale', body: 'Hello', recipients: RECIPIENTS, ...input } })).sendBulk;
const batchIn = (status: string, id: string): Promise<any> =>
  eventually(async () => {
    const { batch } = await run.api.query(BATCH, { id });
    expect(batch.status).toBe(status);
    return batch;
  }, 10_000);

describe('sendBulk refuses, and stores and sends nothing:', () => {
  let untouched: Record<string, number>;
  beforeAll(async () => {
    untouched = await footprint(run);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a batch without a name', { name: ' ' }, 'INVALID_INPUT name'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 'INVALID_INPUT name'],
    ['no recipients', { recipients: [] }, 'INVALID_INPUT recipients'],
    ['10,001 recipients', { recipients: Array.from({ length: 10_001 }, () => RECIPIENTS[0]) }, 'INVALID_INPUT recipients'],
    ['no text', { body: null }, 'INVALID_INPUT body'],
    ['a text that is too long', { body: 'x'.repeat(1601) }, 'INVALID_INPUT body'],
    ['a channel without a provider', { channels: ['EMAIL'] }, 'CHANNEL_UNAVAILABLE channels.0'],
    ['a topic with spaces', { topic: 'a b' }, 'INVALID_INPUT topic'],
    ['a time two years ahead', { sendAt: inSeconds(2 * 366 * 86_400) }, 'INVALID_INPUT sendAt'],
    ['an empty idempotency key', { idempotencyKey: '' }, 'INVALID_INPUT idempotencyKey'],
  ])('%s', async (_what, input, expected) => {
    const { batch, rejected, userErrors } = await bulk(input);
    expect({ batch, rejected }).toEqual({ batch: null, rejected: [] });
    expect(userErrors.map(({ code, field }: any) => `${code} ${field.join('.')}`)).toEqual([expected]);
  });

  test('every fault is named at once', async () => {
    const { userErrors } = await bulk({ name: '', maxCost: '-1', body: '', topic: 'a b' });
    expect(userErrors.map(({ field }: any) => field.join('.'))).toEqual(['name', 'maxCost', 'body', 'topic']);
  });

  test('and nothing of all this was stored, queued or sent', async () => {
    expect(await footprint(run)).toEqual(untouched);
  });
});

describe('sendBulk', () => {
  test('takes 10,000 recipients with long references in one call', async () => {
    const recipients = Array.from({ length: 10_000 }, (_, index) => ({ to: '+14155550101', reference: String(index).padStart(255, '0') }));
    const { batch, userErrors } = await bulk({ recipients, sendAt: inSeconds(3600) });
    expect(userErrors).toEqual([]);
    expect(batch.total).toBe(10_000);
  });

  const MIXED = [
    { to: '+14155550101', reference: 'a', language: 'ar' },
    { to: '+966112345678' },
    { to: null, reference: 'nobody' },
    { to: '+14155550102' },
    { to: '+14155550103', reference: 'x'.repeat(256) },
  ];

  test('reports those who cannot be reached, with their place', async () => {
    const { batch, rejected, userErrors } = await bulk({ name: ' Sale ', recipients: MIXED });
    expect(userErrors).toEqual([]);
    expect(batch).toMatchObject({ name: 'Sale', status: 'RUNNING', total: 5, rejected: 3, completedAt: null });
    expect(rejected).toEqual([
      { index: 1, to: '+966112345678', code: 'INVALID_PHONE_NUMBER', message: 'The number is a landline, which does not receive SMS.' },
      { index: 2, to: '', code: 'INVALID_INPUT', message: 'Say whom to send to.' },
      { index: 4, to: '+14155550103', code: 'INVALID_INPUT', message: 'A reference has 1 to 255 characters.' },
    ]);
  });

  test('sends to the others, to each with what is their own', async () => {
    const common = { topic: 'sale', category: 'MARKETING' };
    await Promise.all(['+14155550101', '+14155550102'].map((phone) => given.consent(run.api, phone)));
    const { batch } = await bulk({ ...common, recipients: MIXED, language: 'en' });
    const { messages } = await batchIn('COMPLETED', batch.id);
    expect(messages.totalCount).toBe(2);
    const [second, first] = await Promise.all(messages.nodes.map(({ id }: any) => messageIn(run.api, 'DELIVERED', id)));
    const link = { batch: { id: batch.id, name: 'Sale' } };
    expect(first).toMatchObject({ ...common, ...link, to: '+14155550101', reference: 'a', language: 'ar', body: 'Hello' });
    expect(second).toMatchObject({ ...common, ...link, to: '+14155550102', reference: null, language: 'en', body: 'Hello' });
  });

  test('counts its messages by status until all have ended', async () => {
    const recipients = [{ to: '+14155550101' }, { to: '+15005550001' }, { to: '+15005550014' }, { to: '+14155550102' }];
    const { id, counts, progress } = await given.batch(run.api, { recipients });
    expect(counts.reduce((sum: number, { count }: any) => sum + count, 0)).toBe(4);
    expect(progress).toBeLessThanOrEqual(1);
    const batch = await eventually(async () => {
      const found = (await run.api.query(BATCH, { id })).batch;
      expect(found).toMatchObject({ status: 'COMPLETED', progress: 0.75 });
      return found;
    }, 10_000);
    expect(batch.counts.toSorted((a: any, b: any) => a.status.localeCompare(b.status))).toEqual([
      { status: 'DELIVERED', count: 2 },
      { status: 'FAILED', count: 1 },
      { status: 'SENT', count: 1 },
    ]);
    expect(batch.completedAt >= batch.createdAt).toBe(true);
  });

  test('of nobody who can be reached is over at once', async () => {
    const taken = run.simulator.takenTotal();
    const { batch } = await bulk({ recipients: [{ to: '1' }, { to: '2' }] });
    expect(batch).toMatchObject({ status: 'COMPLETED', total: 2, rejected: 2, counts: [], progress: 1 });
    expect(batch.completedAt).toBe(batch.createdAt);
    expect((await run.api.query(BATCH, { id: batch.id })).batch).toMatchObject({ status: 'COMPLETED', completedAt: batch.completedAt });
    expect(run.simulator.takenTotal()).toBe(taken);
  });

  test('delivers a thousand, each once', async () => {
    const recipients = Array.from({ length: 1_000 }, (_, index) => ({ to: `+1415555${String(1_000 + index)}` }));
    const { id } = await given.batch(run.api, { recipients });
    await eventually(async () => {
      const { batch } = await run.api.query(BATCH, { id });
      expect(batch.counts).toEqual([{ status: 'DELIVERED', count: 1_000 }]);
    }, 15_000);
    const messages = await rowsOf<{ id: string }>(run, `select id from messages where batch_id = '${id}'`);
    expect(messages.filter((message) => run.simulator.asked(message.id) !== 1)).toEqual([]);
  });

  test('waits for sendAt', async () => {
    const { id } = await given.batch(run.api, { recipients: RECIPIENTS, sendAt: inSeconds(600) });
    const { batch } = await run.api.query(BATCH, { id });
    expect(batch).toMatchObject({ status: 'RUNNING', progress: 0, counts: [{ status: 'SCHEDULED', count: 1 }] });
  });
});

const TWO = [
  { to: '+14155550101', reference: 'a' },
  { to: '+14155550102', reference: 'b' },
];
const AUDIT = 'query ($subject: String!) { auditLog(subject: $subject) { nodes { action actor } } }';
const scheduled = async (seconds: number) => given.batch(run.api, { recipients: TWO, sendAt: inSeconds(seconds) });
const act = async (operation: string, id: string) => (await run.api.mutate(onBatch(operation), { id }))[operation];
const read = async (id: string, variables: Record<string, unknown> = {}) => (await run.api.query(BATCH, { id, ...variables })).batch;
const counted = (id: string, counts: object[]) => eventually(async () => expect((await read(id)).counts).toEqual(counts), 10_000);

describe.concurrent('a batch', () => {
  test('that is paused sends nothing, and all of it when it is resumed', async () => {
    const { id } = await scheduled(1);
    expect(await act('pauseBatch', id)).toMatchObject({ batch: { id, status: 'PAUSED' }, userErrors: [] });
    await counted(id, [{ status: 'QUEUED', count: 2 }]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { messages } = await read(id);
    expect(messages.nodes.map((node: any) => run.simulator.asked(node.id))).toEqual([0, 0]);
    expect(await act('resumeBatch', id)).toMatchObject({ batch: { id, status: 'RUNNING' }, userErrors: [] });
    await counted(id, [{ status: 'DELIVERED', count: 2 }]);
    expect(messages.nodes.map((node: any) => run.simulator.taken(node.id))).toEqual([1, 1]);
  });

  test('that is cancelled sends nothing more, and says when that was done', async () => {
    const { id } = await scheduled(1.5);
    expect(await act('cancelBatch', id)).toMatchObject({ batch: { id, status: 'CANCELLED', total: 2 }, userErrors: [] });
    await counted(id, [{ status: 'CANCELLED', count: 2 }]);
    await eventually(async () => expect((await read(id)).completedAt).not.toBeNull());
    const { messages, progress } = await read(id);
    expect(progress).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(messages.nodes.map((node: any) => run.simulator.asked(node.id))).toEqual([0, 0]);
  });

  test('that is paused can be cancelled', async () => {
    const { id } = await scheduled(600);
    await act('pauseBatch', id);
    expect(await act('cancelBatch', id)).toMatchObject({ batch: { status: 'CANCELLED' } });
    await counted(id, [{ status: 'CANCELLED', count: 2 }]);
  });

  test('tells who paused, resumed and cancelled it', async () => {
    const { id } = await scheduled(600);
    for (const operation of ['pauseBatch', 'resumeBatch', 'resumeBatch', 'cancelBatch']) await act(operation, id);
    const { nodes } = (await run.api.query(AUDIT, { subject: `batch:${id}` })).auditLog;
    expect(nodes.map(({ action }: any) => action)).toEqual(['batch.cancelled', 'batch.resumed', 'batch.paused']);
    const { messages } = await read(id);
    for (const { id: messageId } of messages.nodes) {
      const last = (await readMessage(run.api, messageId)).events.at(-1);
      expect(last).toMatchObject({ status: 'CANCELLED', actor: { name: nodes[0].actor } });
    }
  });

  test('refuses what its status does not allow, and stays as it is', async () => {
    const running = await scheduled(600);
    const cancelled = await scheduled(600);
    const completed = await given.batch(run.api, { recipients: TWO });
    await act('cancelBatch', cancelled.id);
    await eventually(async () => expect((await read(completed.id)).status).toBe('COMPLETED'));
    const refused: [string, string, string, string][] = [
      ['resumeBatch', running.id, 'CONFLICT', 'RUNNING'],
      ['resumeBatch', cancelled.id, 'CONFLICT', 'CANCELLED'],
      ['pauseBatch', cancelled.id, 'CONFLICT', 'CANCELLED'],
      ['pauseBatch', completed.id, 'CONFLICT', 'COMPLETED'],
      ['cancelBatch', completed.id, 'NOT_CANCELLABLE', 'COMPLETED'],
      ['cancelBatch', cancelled.id, 'NOT_CANCELLABLE', 'CANCELLED'],
    ];
    for (const [operation, id, code, status] of refused) {
      const userErrors = [{ code, message: `The batch is ${status}.`, field: ['id'] }];
      expect(await act(operation, id)).toEqual({ batch: null, userErrors });
      expect((await read(id)).status).toBe(status);
    }
  });

  test.each(['pauseBatch', 'resumeBatch', 'cancelBatch'])('that does not exist cannot be changed by %s', async (operation) => {
    for (const id of ['0198c0de-0000-7000-8000-000000000000', 'not an id'])
      expect(await act(operation, id)).toEqual({
        batch: null,
        userErrors: [{ code: 'NOT_FOUND', message: 'There is no such batch.', field: ['id'] }],
      });
    expect(await read('not an id')).toBeNull();
  });

  test('lists its messages in pages, by filter, and counts them when asked', async () => {
    const { id } = await scheduled(600);
    const { messages } = await read(id, { first: 1 });
    expect(messages).toMatchObject({ nodes: [{ reference: 'b' }], pageInfo: { hasNextPage: true }, totalCount: 2 });
    const rest = await read(id, { first: 1, after: messages.pageInfo.endCursor });
    expect(rest.messages).toMatchObject({ nodes: [{ reference: 'a' }], pageInfo: { hasNextPage: false } });
    expect((await read(id, { filter: { reference: 'a' } })).messages).toMatchObject({ nodes: [{ reference: 'a' }], totalCount: 1 });
  });

  test('does not hold back a single message to the same number', async () => {
    const { id } = await scheduled(1);
    await act('pauseBatch', id);
    const { id: single } = await given.message(run.api, { to: '+14155550101' });
    expect(await messageIn(run.api, 'DELIVERED', single)).toMatchObject({ batch: null });
    expect((await read(id)).status).toBe('PAUSED');
  });
});

describe('batches', () => {
  test('lists the newest first, in pages', async () => {
    const { admin } = await run.withTenant('pages');
    const made: string[] = [];
    for (const name of ['1', '2', '3']) made.unshift((await given.batch(admin, { name, sendAt: inSeconds(600) })).id);
    const LIST =
      'query ($first: Int, $after: String) { batches(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }';
    const { batches } = await admin.query(LIST, { first: 2 });
    expect(batches).toMatchObject({ nodes: [{ id: made[0] }, { id: made[1] }], pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const rest = await admin.query(LIST, { first: 2, after: batches.pageInfo.endCursor });
    expect(rest.batches).toMatchObject({ nodes: [{ id: made[2] }], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    expect((await admin.query(LIST, { first: 0 })).batches).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } });
    for (const variables of [{ first: 201 }, { first: -1 }, { after: 'made up' }, { after: Buffer.from('1').toString('base64url') }])
      expect((await admin.execute(LIST, variables)).code).toBe('BAD_USER_INPUT');
  });
});
