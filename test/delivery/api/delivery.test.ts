import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildApp, type RunningConfig } from '../../../src/app/build-app.js';
import { readConfig } from '../../../src/config.js';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, readMessage } from '../../support/given.js';
import { gql } from '../../support/gql.js';
import { onMessage } from '../../support/operations.js';
import { TWILIO } from '../../support/settings.js';
import { footprint } from '../../support/stored.js';
import { startTestApp, TEST_KEY, type TestApp } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  // Nothing but refreshMessageStatus asks the provider while these tests run.
  const quiet = { UNCONFIRMED_GRACE_SECONDS: '60' };
  run = await startTestApp({ ...quiet, ...TWILIO, MESSAGING_MOCK_MODE: 'true', TWILIO_FROM_NUMBER: '+15005550006' });
  await given.delivered(run.api);
  await run.app.core.board.post();
});
afterAll(() => run.stop());

const HEALTH = '{ health { state components { name state detail latencySeconds checkedAt } } }';
const PROVIDERS = `{ providers { name channels enabled state circuit successRate providerSeconds { p50 p95 p99 } checkedAt } }`;
const QUEUES = '{ queues { name waiting active delayed failed oldestWaitingSeconds } }';

describe('health', () => {
  test('names everything that sending depends on, and how long it takes to answer', async () => {
    const { health } = await run.api.query(HEALTH);
    expect(health.state).toBe('HEALTHY');
    expect(health.components.map(({ name, state, detail }: any) => [name, state, detail])).toEqual([
      ['database', 'HEALTHY', null],
      ['redis', 'HEALTHY', null],
      ['provider simulator', 'HEALTHY', null],
    ]);
    for (const { latencySeconds, checkedAt } of health.components) {
      expect(latencySeconds).toBeLessThan(2);
      expect(Date.now() - new Date(checkedAt).getTime()).toBeLessThan(60_000);
    }
  });
});

describe('providers', () => {
  test('lists those that are set up, with what the last minute was like', async () => {
    const [simulator, twilio] = (await run.api.query(PROVIDERS)).providers;
    expect(simulator).toMatchObject({
      name: 'simulator',
      channels: ['SMS', 'WHATSAPP'],
      enabled: true,
      state: 'HEALTHY',
      circuit: 'CLOSED',
      successRate: 1,
    });
    expect(simulator.providerSeconds.p50).toBeGreaterThan(0);
    expect(simulator.providerSeconds.p50).toBeLessThanOrEqual(simulator.providerSeconds.p99);
    expect(Date.now() - new Date(simulator.checkedAt).getTime()).toBeLessThan(60_000);
    expect(twilio).toMatchObject({ name: 'twilio', enabled: false, successRate: 1, providerSeconds: { p50: null, p95: null, p99: null } });
  });

  test('shows a provider that answers nothing but faults as DOWN, and the whole as DEGRADED', async () => {
    const ill = await startTestApp({ MAX_ATTEMPTS: '1' });
    await given.batch(ill.api, { recipients: Array.from({ length: 30 }, () => ({ to: '+15005550012' })) });
    await eventually(async () => {
      await ill.app.core.board.post();
      expect((await ill.api.query(PROVIDERS)).providers).toMatchObject([
        { name: 'simulator', state: 'DOWN', circuit: 'OPEN', successRate: 0 },
      ]);
    });
    const { health } = await ill.api.query(HEALTH);
    expect(health).toMatchObject({
      state: 'DEGRADED',
      components: [{}, {}, { name: 'provider simulator', state: 'DOWN', detail: 'circuit OPEN' }],
    });
    await ill.stop();
  });
});

describe('queues', () => {
  test('counts the jobs of each lane, and tells how long the oldest waits', async () => {
    const idle = await startTestApp({ ROLES: 'api' });
    await given.message(idle.api, { category: 'AUTHENTICATION' });
    await given.message(idle.api);
    await given.consent(idle.api);
    await given.message(idle.api, { category: 'MARKETING' });
    await given.message(idle.api, { sendAt: inSeconds(60) });
    await given.batch(idle.api, { recipients: Array.from({ length: 201 }, () => ({ to: '+14155550100' })) });
    const { queues } = await idle.api.query(QUEUES);
    expect(queues.map(({ name, waiting }: any) => [name, waiting])).toEqual([
      ['otp', 1],
      ['transactional', 1],
      ['bulk', 3],
      ['look-ups', 0],
      ['redactions', 0],
      ['charges', 0],
    ]);
    expect(queues[0].oldestWaitingSeconds).toBeLessThan(10);
    expect(queues[3]).toEqual({ name: 'look-ups', waiting: 0, active: 0, delayed: 0, failed: 0, oldestWaitingSeconds: null });
    await idle.stop();
  });

  test('are empty once everything is sent', async () => {
    const { queues } = await run.api.query(QUEUES);
    for (const queue of queues) expect(queue).toMatchObject({ waiting: 0, active: 0, failed: 0, oldestWaitingSeconds: null });
  });
});

const refresh = async (id: string, api = run.api) => (await api.mutate(onMessage('refreshMessageStatus'), { id })).refreshMessageStatus;

describe('refreshMessageStatus', () => {
  test('asks the provider what became of a message that no receipt came for', async () => {
    const { id } = await given.sent(run.api);
    expect(await refresh(id)).toMatchObject({ message: { id, status: 'DELIVERED', attempts: 1 }, userErrors: [] });
    const { events } = await readMessage(run.api, id);
    expect(events.at(-1)).toMatchObject({
      status: 'DELIVERED',
      previousStatus: 'SENT',
      applied: true,
      source: 'POLL',
      provider: 'simulator',
    });
    expect(run.simulator.asked(id)).toBe(1);
  });

  test('settles a message whose provider never answered: it has it', async () => {
    const { id } = await given.message(run.api, { to: '+15005550010' });
    await messageIn(run.api, 'DELIVERED', id);
    expect(await refresh(id)).toMatchObject({ message: { status: 'DELIVERED' }, userErrors: [] });
    expect([run.simulator.asked(id), run.simulator.taken(id)]).toEqual([1, 1]);
  });

  test('leaves a message whose provider has just not answered alone: the call may still be on its way', async () => {
    const { id } = await given.message(run.api, { to: '+15005550016' });
    await messageIn(run.api, 'UNCONFIRMED', id);
    expect(await refresh(id)).toMatchObject({ message: { status: 'UNCONFIRMED' }, userErrors: [] });
    expect([run.simulator.asked(id), run.simulator.taken(id)]).toEqual([1, 0]);
  });

  test('settles a message whose grace is over: the provider does not have it, so it is sent again', async () => {
    const { id } = await given.message(run.api, { to: '+15005550016' });
    await messageIn(run.api, 'UNCONFIRMED', id);
    const impatient = { ...run.env, ROLES: 'api', PORT: '0', UNCONFIRMED_GRACE_SECONDS: '0.001' };
    const app = await buildApp(readConfig(impatient) as RunningConfig, pino({ level: 'silent' }));
    onTestFinished(() => app.stop());
    const elsewhere = gql((await app.start()).url ?? '', TEST_KEY);
    expect(await refresh(id, elsewhere)).toMatchObject({
      message: { status: 'QUEUED', error: { kind: 'TIMEOUT', retryable: true } },
      userErrors: [],
    });
    await messageIn(run.api, 'UNCONFIRMED', id);
    expect([run.simulator.asked(id), run.simulator.taken(id)]).toEqual([2, 0]);
  });

  test('leaves a message alone whose end is known', async () => {
    const { id } = await given.failed(run.api);
    const before = await footprint(run);
    expect(await refresh(id)).toMatchObject({ message: { id, status: 'FAILED' }, userErrors: [] });
    expect(await footprint(run)).toEqual(before);
  });

  test('refuses a message that no provider has been asked to send', async () => {
    const { id } = await given.scheduled(run.api);
    const message = 'The message is SCHEDULED: no provider has it yet.';
    expect(await refresh(id)).toEqual({ message: null, userErrors: [{ code: 'CONFLICT', message, field: ['id'] }] });
  });

  test.each(['0198c0de-0000-7000-8000-000000000000', 'not an id'])('knows no message %j', async (id) => {
    expect(await refresh(id)).toEqual({
      message: null,
      userErrors: [{ code: 'NOT_FOUND', message: 'There is no such message.', field: ['id'] }],
    });
  });
});
