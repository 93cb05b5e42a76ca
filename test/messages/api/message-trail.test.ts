import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POLICY_RULES } from '../../../src/consent/policy-gate.js';
import { eventually } from '../../support/eventually.js';
import { given, messageIn, NUMBER, readMessage } from '../../support/given.js';
import { startTestApp, type TestApp, TEST_KEY } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const GATE: readonly string[] = POLICY_RULES;

describe('Message.events', () => {
  test('tells who moved the message when, oldest first', async () => {
    const { id } = await given.delivered(run.api);
    const { events, ...message } = await readMessage(run.api, id);
    const moves = events.filter(({ applied }: any) => applied);
    expect(moves.map(({ status, previousStatus }: any) => [previousStatus, status])).toEqual([
      [null, 'QUEUED'],
      ['QUEUED', 'SENDING'],
      ['SENDING', 'SENT'],
      ['SENT', 'DELIVERED'],
    ]);
    expect(moves[0]).toMatchObject({
      source: 'API',
      at: message.createdAt,
      attempt: null,
      provider: null,
      actor: { name: 'First key', ip: '127.0.0.1' },
    });
    expect(moves[1]).toMatchObject({ source: 'WORKER', attempt: 1, provider: 'simulator', actor: null, error: null });
    expect(moves[3]).toMatchObject({ source: 'WEBHOOK', at: message.deliveredAt, attempt: 1, provider: 'simulator' });
    expect(events.every((event: any) => event.messageId === id && event.message.id === id)).toBe(true);
    expect(new Set(events.map(({ cursor }: any) => cursor)).size).toBe(events.length);
    expect(events.map((event: any) => event.id).toSorted()).toEqual(events.map((event: any) => event.id));
  });

  test('keeps receipts that told nothing new, and marks them so', async () => {
    const { id } = await given.delivered(run.api, { to: '+15005550013' });
    const { events } = await eventually(async () => {
      const message = await readMessage(run.api, id);
      expect(message.events.filter(({ applied }: any) => !applied).length).toBeGreaterThanOrEqual(4);
      return message;
    });
    const idle = events.filter(({ applied }: any) => !applied);
    expect(new Set(idle.map(({ status, previousStatus, source }: any) => `${previousStatus} ${status} ${source}`))).toEqual(
      new Set(['DELIVERED DELIVERED WEBHOOK']),
    );
    expect(events.filter(({ applied, status }: any) => applied && status === 'DELIVERED')).toHaveLength(1);
  });

  test('shows the error of each attempt', async () => {
    const { id } = await given.delivered(run.api, { to: '+15005550012' });
    const { events, error } = await readMessage(run.api, id);
    const errors = events.flatMap((event: any) => (event.error ? [[event.status, event.attempt, event.error.kind, event.error.code]] : []));
    expect(errors).toEqual([
      ['QUEUED', 1, 'PROVIDER_UNAVAILABLE', 'internal_error'],
      ['QUEUED', 2, 'PROVIDER_UNAVAILABLE', 'internal_error'],
    ]);
    expect(error).toBeNull();
  });
});

describe('Message.explanation', () => {
  test('names the rules that were asked, when accepted and when claimed, and the provider that was chosen', async () => {
    const { id } = await given.delivered(run.api);
    const { explanation, createdAt } = await readMessage(run.api, id);
    expect(explanation).toMatchObject({ summary: 'Delivered by simulator.', nextAction: null, nextActionAt: null });
    expect(explanation.checks.map(({ rule, passed }: any) => [rule, passed])).toEqual([...GATE, ...GATE].map((rule) => [rule, true]));
    expect(explanation.checks[0].at).toBe(createdAt);
    expect(explanation.routing).toMatchObject([
      { provider: 'simulator', channel: 'SMS', chosen: true, reason: 'first healthy provider of the channel' },
    ]);
  });

  test('says what comes next', async () => {
    const waiting = await readMessage(run.api, (await given.scheduled(run.api)).id);
    expect(waiting.explanation).toMatchObject({
      summary: 'Waits for its time.',
      nextAction: 'It is queued.',
      nextActionAt: waiting.scheduledFor,
    });
    const sent = await given.sent(run.api);
    expect(sent.explanation).toMatchObject({ nextAction: 'The provider is asked for its status.', nextActionAt: expect.any(String) });
    const failed = await given.failed(run.api);
    expect(failed.explanation).toMatchObject({
      summary: expect.stringMatching(/^Failed for good: .*\(invalid_number\)/),
      nextAction: 'A person may retry it.',
    });
    expect(failed.error).toEqual({
      kind: 'INVALID_RECIPIENT',
      retryable: false,
      code: 'invalid_number',
      message: 'The number is not valid.',
    });
  });

  test('tells that a provider never answered', async () => {
    const { id } = await given.message(run.api, { to: '+15005550016' });
    const message = await messageIn(run.api, 'UNCONFIRMED', id);
    expect(message.explanation).toMatchObject({
      summary: "simulator was asked to send it and never answered; it is not sent again before the provider's own word decides.",
      nextAction: 'The provider is asked whether it has the message.',
    });
  });
});

describe('a VIEWER', () => {
  test('reads messages with their number, text and media masked, and everything else', async () => {
    const { admin, operator, sender, viewer } = await run.withTenant('demo');
    const input = { to: NUMBER, body: 'Your code is 1234', mediaUrls: ['https://example.com/private.jpg'], reference: 'masked' };
    const { id } = await given.scheduled(operator, input);
    const masked = await readMessage(viewer, id);
    expect(masked).toMatchObject({ to: '+14•••••100', body: '•••', mediaUrls: ['•••'], reference: 'masked', status: 'SCHEDULED' });
    for (const api of [admin, operator, sender]) expect(await readMessage(api, id)).toMatchObject(input);
    expect(JSON.stringify(masked)).not.toMatch(/4155550100|1234|private/);
  });

  test('sees the same in lists, batches and live', async () => {
    const { viewer } = await run.withTenant('demo');
    const changes = viewer.subscribe(
      'subscription { messageStatusChanged(filter: { reference: "live" }) { message { to body mediaUrls } } }',
    );
    await changes.connected;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await given.batch(run.api, { recipients: [{ to: NUMBER, reference: 'live' }] });
    const masked = { to: '+14•••••100', body: '•••', mediaUrls: [] };
    expect(await changes.next()).toEqual({ messageStatusChanged: { message: masked } });
    await changes.close();
    const lists = await viewer.query(
      `{ messages(first: 1) { nodes { to body mediaUrls } } batches(first: 1) { nodes { messages { nodes { to body mediaUrls } } } } }`,
    );
    expect(lists).toEqual({ messages: { nodes: [masked] }, batches: { nodes: [{ messages: { nodes: [masked] } }] } });
  });

  test('never sees a key', async () => {
    const { viewer, admin } = await run.withTenant('demo');
    expect((await viewer.execute('{ apiKeys { prefix } }')).code).toBe('FORBIDDEN');
    expect(JSON.stringify(await admin.query('{ apiKeys { name prefix } }'))).not.toContain(TEST_KEY);
  });
});
