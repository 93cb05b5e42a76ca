import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, readMessage } from '../../support/given.js';
import { BATCH, onBatch, onMessage } from '../../support/operations.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const cancel = async (id: string) => (await run.api.mutate(onMessage('cancelMessage'), { id })).cancelMessage;
const steps = ({ events }: any) => events.filter(({ applied }: any) => applied).map(({ status }: any) => status);

describe.concurrent('a message with a time', () => {
  test('waits for sendAt, and goes out in the second that follows', async () => {
    const sendAt = inSeconds(1.5);
    const { id, status, nextAttemptAt } = await given.message(run.api, { sendAt });
    expect({ status, nextAttemptAt }).toEqual({ status: 'SCHEDULED', nextAttemptAt: sendAt });
    const message = await messageIn(run.api, 'DELIVERED', id);
    expect(steps(message)).toEqual(['SCHEDULED', 'QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
    const late = new Date(message.sentAt).getTime() - new Date(sendAt).getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(2_500);
    expect(message).toMatchObject({ scheduledFor: sendAt, nextAttemptAt: null });
  });

  test('goes out at once when sendAt is over', async () => {
    const sendAt = inSeconds(-60);
    expect(await given.delivered(run.api, { sendAt })).toMatchObject({ scheduledFor: sendAt, attempts: 1 });
  });

  test('waits while its tenant is switched off, expires there, and is never sent', async () => {
    const { admin } = await run.withTenant('off');
    const { id } = await given.message(admin, { sendAt: inSeconds(1), expiresAt: inSeconds(3.5) });
    await admin.mutate('mutation { updateTenant(input: { messagingEnabled: false }) { userErrors { code } } }');
    await eventually(async () => {
      const { status, nextAttemptAt, explanation } = await readMessage(admin, id);
      expect([status, nextAttemptAt]).toEqual(['QUEUED', explanation.nextActionAt]);
    });
    const message = await messageIn(admin, 'EXPIRED', id);
    expect(steps(message)).toEqual(['SCHEDULED', 'QUEUED', 'EXPIRED']);
    expect(message.explanation).toMatchObject({ summary: 'Its validity ended before it could be sent.', nextAction: null });
    expect(run.simulator.asked(id)).toBe(0);
  });

  test('is not waited for by immediate', async () => {
    const before = Date.now();
    expect(await given.message(run.api, { immediate: true, sendAt: inSeconds(600) })).toMatchObject({ status: 'SCHEDULED' });
    expect(Date.now() - before).toBeLessThan(1_000);
  });
});

describe.concurrent('cancelMessage', () => {
  test('withdraws a scheduled message, which is then never sent', async () => {
    const { id } = await given.message(run.api, { sendAt: inSeconds(1) });
    expect(await cancel(id)).toMatchObject({ message: { id, status: 'CANCELLED', nextAttemptAt: null }, userErrors: [] });
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    const message = await readMessage(run.api, id);
    expect(steps(message)).toEqual(['SCHEDULED', 'CANCELLED']);
    expect(message.events[1].actor).toMatchObject({ name: 'First key', ip: '127.0.0.1' });
    expect(run.simulator.asked(id)).toBe(0);
  });

  test('withdraws a queued message that nobody has claimed', async () => {
    const { id: batchId } = await given.batch(run.api, { recipients: [{ to: '+14155550100' }], sendAt: inSeconds(1) });
    await run.api.mutate(onBatch('pauseBatch'), { id: batchId });
    const { id } = (await run.api.query(BATCH, { id: batchId })).batch.messages.nodes[0];
    await messageIn(run.api, 'QUEUED', id);
    expect(await cancel(id)).toMatchObject({ message: { status: 'CANCELLED' }, userErrors: [] });
    await run.api.mutate(onBatch('resumeBatch'), { id: batchId });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(run.simulator.asked(id)).toBe(0);
  });

  test('refuses a message that a provider was asked to send, or that ended', async () => {
    const states = await Promise.all([given.sent(run.api), given.delivered(run.api), given.failed(run.api)]);
    const cancelled = await given.scheduled(run.api);
    await cancel(cancelled.id);
    for (const { id, status } of [...states, { id: cancelled.id, status: 'CANCELLED' }]) {
      const message = `The message is ${status}; only SCHEDULED and QUEUED ones can be cancelled.`;
      expect(await cancel(id)).toEqual({ message: null, userErrors: [{ code: 'NOT_CANCELLABLE', message, field: ['id'] }] });
      expect((await readMessage(run.api, id)).status).toBe(status);
    }
  });

  test.each(['0198c0de-0000-7000-8000-000000000000', 'not an id', '', 'a\u0000b'])('knows no message %j', async (id) => {
    expect(await cancel(id)).toEqual({
      message: null,
      userErrors: [{ code: 'NOT_FOUND', message: 'There is no such message.', field: ['id'] }],
    });
  });
});
