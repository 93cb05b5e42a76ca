import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/program.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

const send = (to: string): string => `mutation { sendMessage(input: { to: "${to}", body: "Hello" }) { message { id } } }`;
/** The simulator answers 500 twice before it takes a message to this one. */
const TWICE_DOWN = '+15005550012';
let run: TestApp;
let metricsPort: number;

beforeAll(async () => {
  metricsPort = await freePort();
  run = await startTestApp({ METRICS_PORT: String(metricsPort) });
  await run.api.mutate(send('+14155550100'));
  await run.api.mutate(send(TWICE_DOWN));
  await eventually(async () => {
    const { messages } = await run.api.query('{ messages(first: 2) { nodes { status } } }');
    if (messages.nodes.some(({ status }: { status: string }) => status !== 'DELIVERED')) throw new Error('not delivered yet');
  }, 15_000);
});
afterAll(() => run.stop());

describe('the metrics', () => {
  const place = { api: () => run.url, own: () => `http://127.0.0.1:${metricsPort}` };
  const seriesOf = async (where: keyof typeof place): Promise<Map<string, number>> => {
    const text = await (await fetch(`${place[where]()}/metrics`)).text();
    return new Map([...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]));
  };

  test.each(['api', 'own'] as const)('count what went through, on the port of the %s', async (where) => {
    const series = await seriesOf(where);
    expect(Object.fromEntries(series)).toMatchObject({
      'heliograph_messages_accepted_total{channel="SMS",category="UTILITY",due="now"}': 2,
      'heliograph_provider_calls_total{provider="simulator",outcome="accepted"}': 2,
      'heliograph_provider_calls_total{provider="simulator",outcome="PROVIDER_UNAVAILABLE"}': 2,
      'heliograph_retries_total{provider="simulator",kind="PROVIDER_UNAVAILABLE"}': 2,
      'heliograph_receipts_total{provider="simulator",status="DELIVERED"}': 2,
      'heliograph_queue_seconds_count{lane="transactional"}': 4,
      'heliograph_provider_call_seconds_count{provider="simulator"}': 4,
      'heliograph_http_request_seconds_count{method="POST",route="/webhooks/:provider/status",status="200"}': expect.any(Number),
    });
    expect(series.get('heliograph_provider_call_seconds_sum{provider="simulator"}')).toBeGreaterThan(0);
    expect(series.get('heliograph_queue_seconds_sum{lane="transactional"}')).toBeGreaterThan(0);
    expect(series.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  test('tell of every queue what waits, what is under way, and the age of the oldest', async () => {
    const gauges = ['waiting_jobs', 'active_jobs', 'oldest_seconds'];
    const queues = (await run.app.core.queues.figures()).map(({ name }) => name);
    const expected = gauges.flatMap((gauge) => queues.map((queue) => [`heliograph_queue_${gauge}{queue="${queue}"}`, 0]));
    await eventually(async () => expect(Object.fromEntries(await seriesOf('own'))).toMatchObject(Object.fromEntries(expected)));
  });

  test('tell what is to go out later apart from what is to go out now', async () => {
    const sendAt = new Date(Date.now() + 86_400_000).toISOString();
    const input = `{ to: "+14155550101", body: "Sign in by noon", category: AUTHENTICATION, sendAt: "${sendAt}" }`;
    await run.api.mutate(`mutation { sendMessage(input: ${input}) { message { id } } }`);
    expect(Object.fromEntries(await seriesOf('own'))).toMatchObject({
      'heliograph_messages_accepted_total{channel="SMS",category="AUTHENTICATION",due="later"}': 1,
      'heliograph_messages_accepted_total{channel="SMS",category="AUTHENTICATION",due="now"}': 0,
      'heliograph_queue_seconds_count{lane="otp"}': 0,
    });
  });

  test('begin at zero with what must never happen, so that the first time is seen', async () => {
    const begun = {
      'heliograph_swept_total{status="UNCONFIRMED"}': 0,
      'heliograph_provider_calls_total{provider="simulator",outcome="unanswered"}': 0,
      'heliograph_redactions_total{provider="simulator",outcome="given_up"}': 0,
      'heliograph_circuit_open{provider="simulator"}': 0,
      'heliograph_default_partition_rows{table="messages"}': 0,
      'heliograph_months_ahead{table="messages"}': 3,
      'heliograph_graphql_errors_total{code="INTERNAL_SERVER_ERROR"}': 0,
      'heliograph_clock_job_runs_total{name="sweep",outcome="failed"}': 0,
      'heliograph_messages_accepted_total{channel="SMS",category="AUTHENTICATION",due="now"}': 0,
      'heliograph_queue_seconds_count{lane="otp"}': 0,
    };
    await eventually(async () => expect(Object.fromEntries(await seriesOf('own'))).toMatchObject(begun));
  });

  test('count the runs of what happens by the clock', async () => {
    const runs = async (): Promise<number> =>
      (await seriesOf('own')).get('heliograph_clock_job_runs_total{name="sweep",outcome="done"}') ?? 0;
    const before = await runs();
    await eventually(async () => expect(await runs()).toBeGreaterThan(before), 5_000);
  });

  test('tell of open subscriptions', async () => {
    const count = async (): Promise<unknown> => (await seriesOf('own')).get('heliograph_subscriptions');
    expect(await count()).toBe(0);
    const subscription = run.api.subscribe('subscription { messageStatusChanged { cursor } }');
    await eventually(async () => expect(await count()).toBe(1));
    await subscription.close();
    await eventually(async () => expect(await count()).toBe(0));
  });
});

test('nothing is traced where no collector is named', async () => {
  expect(await rowsOf(run, 'select distinct trace from messages')).toEqual([{ trace: null }]);
});

describe('the board of the queues', () => {
  const board = (authorization?: string): Promise<Response> =>
    fetch(`${run.url}/admin/queues`, { headers: authorization ? { authorization } : {}, redirect: 'manual' });

  test('is shown to an ADMIN, by key or by password', async () => {
    const basic = `Basic ${Buffer.from(`anybody:${TEST_KEY}`).toString('base64')}`;
    const answers = await Promise.all([board(`Bearer ${TEST_KEY}`), board(basic)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await answers[0]?.text()).toContain('Heliograph queues');
  });

  test('is shown to nobody else', async () => {
    const { createApiKey } = await run.api.mutate('mutation { createApiKey(input: { name: "viewer", role: VIEWER }) { secret } }');
    const answers = await Promise.all([board(), board(`Bearer ${createApiKey.secret}`), board('Bearer nonsense')]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(answers[0]?.headers.get('www-authenticate')).toMatch(/^Basic /);
  });
});
