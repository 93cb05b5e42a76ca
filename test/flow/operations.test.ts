import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/program.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

interface Span {
  traceId: string;
  name: string;
}

const SEND = `mutation { sendMessage(input: { to: "+14155550100", body: "Hello" }) { message { id } } }`;
const spans: Span[] = [];
let collector: Server;
let run: TestApp;
let metricsPort: number;

beforeAll(async () => {
  // An OpenTelemetry collector, as far as its clients can tell.
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  metricsPort = await freePort();
  const { port } = collector.address() as { port: number };
  run = await startTestApp({ METRICS_PORT: String(metricsPort), OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  await run.api.mutate(SEND);
  await eventually(async () => {
    const { messages } = await run.api.query('{ messages(first: 1) { nodes { status } } }');
    if (messages.nodes[0].status !== 'DELIVERED') throw new Error('not delivered yet');
  });
});
afterAll(async () => {
  await run.stop();
  collector.close();
});

describe('the metrics', () => {
  test.each(['the api', 'a port of their own'])('count what went through, on %s', async (place) => {
    const text = await (await fetch(`${place === 'the api' ? run.url : `http://127.0.0.1:${metricsPort}`}/metrics`)).text();
    expect(text).toContain('heliograph_messages_accepted_total{channel="SMS",category="UTILITY"} 1');
    expect(text).toContain('heliograph_provider_calls_total{provider="simulator",outcome="accepted"} 1');
    expect(text).toContain('heliograph_receipts_total{provider="simulator",status="DELIVERED"} 1');
    expect(text).toMatch(/heliograph_queue_waiting_jobs\{queue="otp"\} 0/);
    expect(text).toMatch(/nodejs_eventloop_lag_seconds \d/);
  });
});

describe('a trace', () => {
  test('leads from the mutation over queue and provider to the receipt', async () => {
    const names = await eventually(() => {
      const root = spans.find(({ name }) => name === 'sendMessage');
      const found = new Set(spans.filter(({ traceId }) => traceId === root?.traceId).map(({ name }) => name));
      expect([...found].toSorted()).toEqual(['provider.send', 'queue', 'receipt', 'sendMessage']);
      return found;
    }, 10_000);
    expect(names.size).toBe(4);
  });
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
