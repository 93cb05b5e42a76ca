import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, NUMBER, readMessage } from '../../support/given.js';
import { BATCH, onBatch, onMessage, PROGRESS, RETRY_FAILED } from '../../support/operations.js';
import { rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ MAX_ATTEMPTS: '2', SIMULATOR_SPEED: '15' });
  await given.session(run, [INVALID, REFUSED, NO_RECEIPT, SLOW, NUMBER]);
});
afterAll(() => run.stop());

const retry = async (id: string) => (await run.api.mutate(onMessage('retryMessage'), { id })).retryMessage;
const retryAll = async (filter: Record<string, unknown>) => (await run.api.mutate(RETRY_FAILED, { filter })).retryFailedMessages;
const applied = ({ events }: any): string[] => events.filter((event: any) => event.applied).map(({ status }: any) => status);

/** Takes it at the third call. */
const THIRD_TIME = '+15005550012';
const INVALID = '+15005550001';
const REFUSED = '+15005550004';

describe('retryMessage', () => {
  test('sends a dead letter again, with a full set of attempts', async () => {
    const { id } = await given.failed(run.api, { to: THIRD_TIME });
    const { message, userErrors } = await retry(id);
    expect(userErrors).toEqual([]);
    expect(message).toMatchObject({ id, status: 'QUEUED', attempts: 0, error: null, failedAt: null, nextAttemptAt: null });
    const delivered = await messageIn(run.api, 'DELIVERED', id);
    expect(delivered).toMatchObject({ attempts: 1, error: null });
    expect(applied(delivered)).toEqual(['QUEUED', 'SENDING', 'QUEUED', 'SENDING', 'FAILED', 'QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
    expect(delivered.events[5]).toMatchObject({ source: 'API', actor: { name: 'First key' } });
    expect([run.simulator.asked(id), run.simulator.taken(id)]).toEqual([3, 1]);
  });

  test('shows nothing of the first life of a message that had been sent', async () => {
    const { id, sentAt } = await given.failed(run.api, { to: '+15005550009' });
    expect(sentAt).not.toBeNull();
    expect((await retry(id)).message).toMatchObject({ status: 'QUEUED', sentAt: null });
  });

  test('refuses a message that is not dead, and sends nothing', async () => {
    const messages = await Promise.all([given.scheduled(run.api), given.sent(run.api), given.delivered(run.api)]);
    const asked = messages.map(({ id }) => run.simulator.asked(id));
    for (const { id, status } of messages) {
      const message = `The message is ${status}; only FAILED and EXPIRED ones can be retried.`;
      expect(await retry(id)).toEqual({ message: null, userErrors: [{ code: 'NOT_RETRYABLE', message, field: ['id'] }] });
    }
    expect(messages.map(({ id }) => run.simulator.asked(id))).toEqual(asked);
  });

  test('refuses a message whose validity is over', async () => {
    const { id } = await given.failed(run.api, { to: INVALID, expiresAt: inSeconds(1) });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await retry(id)).toMatchObject({
      message: null,
      userErrors: [{ code: 'NOT_RETRYABLE', message: 'Its validity (expiresAt) is over.' }],
    });
    expect((await readMessage(run.api, id)).explanation.nextAction).toBeNull();
  });

  test('refuses a message whose content was erased', async () => {
    const { id } = await given.failed(run.api, { to: INVALID });
    await rowsOf(run, `update messages set sealed = null where id = '${id}'`);
    expect(await retry(id)).toMatchObject({
      message: null,
      userErrors: [{ code: 'NOT_RETRYABLE', message: 'Its content has been erased.' }],
    });
    expect(await readMessage(run.api, id)).toMatchObject({ to: '', body: null, mediaUrls: [] });
  });

  test.each(['0198c0de-0000-7000-8000-000000000000', 'not an id'])('knows no message %j', async (id) => {
    expect(await retry(id)).toEqual({
      message: null,
      userErrors: [{ code: 'NOT_FOUND', message: 'There is no such message.', field: ['id'] }],
    });
  });
});

describe('retryFailedMessages', () => {
  test('sends all that match again, and counts those that cannot be', async () => {
    const topic = 'all-that-match';
    const again = await Promise.all([1, 2, 3].map(() => given.failed(run.api, { to: REFUSED, topic })));
    const replaced = await given.failed(run.api, { to: INVALID, channels: ['SMS', 'WHATSAPP'], topic });
    await messageIn(run.api, 'FAILED', replaced.fallback.id);
    const delivered = await given.delivered(run.api, { topic });
    const other = await given.failed(run.api, { to: REFUSED, topic: 'another' });
    expect(await retryAll({ topic, errorKind: ['CONTENT_REJECTED'] })).toEqual({ retried: 3, skipped: 0, userErrors: [] });
    for (const { id } of again) await eventually(() => expect(run.simulator.asked(id)).toBe(2));
    await Promise.all(again.map(({ id }) => messageIn(run.api, 'FAILED', id)));
    expect(await retryAll({ topic })).toEqual({ retried: 4, skipped: 1, userErrors: [] });
    for (const { id } of again) await eventually(() => expect(run.simulator.asked(id)).toBe(3));
    expect([replaced, delivered, other].map(({ id }) => run.simulator.asked(id))).toEqual([1, 1, 1]);
  });

  test('finds expired messages too', async () => {
    const { id } = await given.scheduled(run.api, { reference: 'expired' });
    await rowsOf(run, `update messages set status = 'EXPIRED', hint_at = null where id = '${id}'`);
    expect(await retryAll({ reference: 'expired', status: ['EXPIRED', 'DELIVERED'] })).toEqual({ retried: 1, skipped: 0, userErrors: [] });
    await messageIn(run.api, 'DELIVERED', id);
  });

  test('counts each message once, though the filter names a status twice', async () => {
    const topic = 'named-twice';
    await given.failed(run.api, { to: REFUSED, topic });
    expect(await retryAll({ topic, status: ['FAILED', 'FAILED'] })).toEqual({ retried: 1, skipped: 0, userErrors: [] });
  });

  test('does nothing where nothing matches', async () => {
    expect(await retryAll({ reference: 'nobody' })).toEqual({ retried: 0, skipped: 0, userErrors: [] });
    expect(await retryAll({ batchId: 'not an id' })).toEqual({ retried: 0, skipped: 0, userErrors: [] });
  });

  test.each([[['DELIVERED', 'SENT']], [[]]])('refuses a filter by %j, which cannot be retried', async (status) => {
    const message = 'Only FAILED and EXPIRED messages can be retried.';
    const userErrors = [{ code: 'NOT_RETRYABLE', message, field: ['filter', 'status'] }];
    expect(await retryAll({ status })).toEqual({ retried: 0, skipped: 0, userErrors });
  });
});

describe('a dead letter of a batch', () => {
  const batchIn = (status: string, id: string): Promise<any> =>
    eventually(async () => {
      const { batch } = await run.api.query(BATCH, { id });
      expect(batch.status).toBe(status);
      return batch;
    }, 10_000);
  const ended = async (input: Record<string, unknown>): Promise<any> =>
    batchIn('COMPLETED', (await given.batch(run.api, { recipients: [{ to: REFUSED }], ...input })).id);
  const change = async (operation: string, id: string) => (await run.api.mutate(onBatch(operation), { id }))[operation];

  test('that was cancelled stays what it is, with its error', async () => {
    const { id, messages } = await ended({ name: 'Spring', recipients: [{ to: REFUSED }, { to: INVALID }] });
    const dead = await Promise.all(messages.nodes.map((message: any) => readMessage(run.api, message.id)));
    await rowsOf(run, `update batches set status = 'CANCELLED' where id = '${id}'`);
    expect(await retryAll({ batchId: id })).toEqual({ retried: 0, skipped: 2, userErrors: [] });
    const refusal = { code: 'NOT_RETRYABLE', message: 'Its batch "Spring" was cancelled.', field: ['id'] };
    expect(await retry(dead[0].id)).toEqual({ message: null, userErrors: [refusal] });
    for (const { explanation, ...message } of dead) {
      const now = await readMessage(run.api, message.id);
      expect(now).toEqual({ ...message, explanation: { ...explanation, nextAction: null } });
      expect(now).toMatchObject({ status: 'FAILED', error: { retryable: false } });
    }
  });

  test('that was over makes it run again, until it has ended once more', async () => {
    const first = await ended({ recipients: [{ to: REFUSED }, { to: REFUSED }] });
    const progress = run.api.subscribe(PROGRESS, { id: first.id });
    onTestFinished(() => progress.close());
    expect((await progress.next()).batchProgress).toMatchObject({ status: 'COMPLETED', completedAt: first.completedAt });
    expect(await retryAll({ batchId: first.id })).toMatchObject({ retried: 2, skipped: 0 });
    let seen: any;
    do seen = (await progress.next()).batchProgress;
    while (seen.status !== 'COMPLETED' || seen.completedAt === first.completedAt);
    expect(seen.completedAt > first.completedAt).toBe(true);
    expect(seen.counts).toEqual([{ status: 'FAILED', count: 2 }]);
  });

  test('that was over can be held back by a pause, and go out afterwards', async () => {
    const { id, messages } = await ended({ recipients: [{ to: REFUSED }] });
    const switched = (on: boolean) => rowsOf(run, `update tenants set messaging_enabled = ${on} where slug = 'demo'`);
    const [{ id: dead }] = messages.nodes;
    // Until the pause nothing goes out.
    await switched(false);
    expect(await retry(dead)).toMatchObject({ userErrors: [] });
    expect((await run.api.query(BATCH, { id })).batch).toMatchObject({ status: 'RUNNING', completedAt: null });
    expect(await change('pauseBatch', id)).toMatchObject({ batch: { status: 'PAUSED' }, userErrors: [] });
    await switched(true);
    await rowsOf(run, `update messages set due_at = now(), hint_at = now() where id = '${dead}'`);
    await eventually(async () => expect((await readMessage(run.api, dead)).explanation.summary).toBe('Held back: its batch is paused.'));
    expect(run.simulator.asked(dead)).toBe(1);
    await change('resumeBatch', id);
    await batchIn('COMPLETED', id);
    expect(run.simulator.asked(dead)).toBe(2);
  });
});

const CHANNELS = ['WHATSAPP', 'SMS'];
const NO_RECEIPT = '+15005550014';
/** Delivered after 60 s: here after 4. */
const SLOW = '+15005550015';

/** The message that took over, once there is one. */
const successorOf = (id: string): Promise<any> =>
  eventually(async () => {
    const { fallback } = await readMessage(run.api, id);
    expect(fallback).not.toBeNull();
    return readMessage(run.api, fallback.id);
  }, 10_000);

const allOf = async (reference: string): Promise<any[]> =>
  (
    await run.api.query('query ($reference: String) { messages(filter: { reference: $reference }) { nodes { id channel status } } }', {
      reference,
    })
  ).messages.nodes;

describe.concurrent('a message with a second channel', () => {
  test('that fails for good is followed by one on the next channel, linked both ways', async () => {
    const input = { to: REFUSED, channels: CHANNELS, reference: 'refused', topic: 'orders', category: 'SERVICE', body: 'Hi مرحبا' };
    const first = await given.failed(run.api, input);
    const second = await successorOf(first.id);
    expect(first).toMatchObject({
      channel: 'WHATSAPP',
      error: { kind: 'CONTENT_REJECTED' },
      fallback: { id: second.id, channel: 'SMS' },
      fallbackOf: null,
    });
    expect(second).toMatchObject({
      channel: 'SMS',
      to: REFUSED,
      body: 'Hi مرحبا',
      reference: 'refused',
      topic: 'orders',
      category: 'SERVICE',
    });
    expect(second).toMatchObject({ encoding: 'UCS2', segments: 1, fallbackOf: { id: first.id, channel: 'WHATSAPP' } });
    expect(first.explanation).toMatchObject({ summary: expect.stringContaining('Another channel took over.'), nextAction: null });
    await messageIn(run.api, 'FAILED', second.id);
    expect(await allOf('refused')).toHaveLength(2);
  });

  test('that was replaced cannot be retried beside its successor', async () => {
    const first = await given.failed(run.api, { to: REFUSED, channels: CHANNELS });
    const { retryMessage } = await run.api.mutate(onMessage('retryMessage'), { id: first.id });
    const message = 'Another message stands in for this one.';
    expect(retryMessage).toEqual({ message: null, userErrors: [{ code: 'NOT_RETRYABLE', message, field: ['id'] }] });
  });

  test('that was delivered is not followed by anything', async () => {
    const first = await given.delivered(run.api, { channels: ['SMS', 'WHATSAPP'], fallbackAfterSeconds: 1, reference: 'delivered' });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await allOf('delivered')).toMatchObject([{ id: first.id, status: 'DELIVERED' }]);
  });
});

describe.concurrent('fallbackAfterSeconds', () => {
  test('lets the next channel take over a message that has no receipt by then', async () => {
    const { id } = await given.message(run.api, { to: NO_RECEIPT, channels: CHANNELS, fallbackAfterSeconds: 1, reference: 'silent' });
    const first = await messageIn(run.api, 'SENT', id);
    expect(first.explanation.nextAction).toBe('SMS takes over unless it is delivered.');
    expect(new Date(first.explanation.nextActionAt).getTime() - new Date(first.sentAt).getTime()).toBe(1_000);
    const second = await successorOf(id);
    expect(new Date(second.createdAt).getTime() - new Date(first.sentAt).getTime()).toBeGreaterThanOrEqual(1_000);
    expect(second).toMatchObject({ channel: 'SMS', fallbackOf: { id } });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await allOf('silent')).toHaveLength(2);
  });

  test('leaves the first message to its own end, and nothing takes over a second time', async () => {
    const { id } = await given.message(run.api, { to: SLOW, channels: CHANNELS, fallbackAfterSeconds: 1, reference: 'slow' });
    const second = await successorOf(id);
    await messageIn(run.api, 'DELIVERED', id);
    await messageIn(run.api, 'DELIVERED', second.id);
    expect([run.simulator.taken(id), run.simulator.taken(second.id)]).toEqual([1, 1]);
    expect(await allOf('slow')).toHaveLength(2);
  });

  test('does not outlive the validity of the message', async () => {
    const input = { to: NO_RECEIPT, channels: CHANNELS, fallbackAfterSeconds: 2, expiresAt: inSeconds(1.5), reference: 'too late' };
    const { id } = await given.message(run.api, input);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await allOf('too late')).toMatchObject([{ id, status: 'SENT' }]);
  });
});
