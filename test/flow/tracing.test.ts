import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTraceCollector, type Span, type TraceCollector } from '../support/trace-collector.js';
import { csv, upload } from '../support/upload.js';

const NUMBERS = { sendMessage: '+14155550100', sendBulk: '+14155550101', uploadBatch: '+14155550102' };
const SEND = `mutation { sendMessage(input: { to: "${NUMBERS.sendMessage}", body: "Rosebud" }) { message { id } } }`;
const BULK = `mutation { sendBulk(input: { name: "May", body: "Rosebud", recipients: [{ to: "${NUMBERS.sendBulk}" }] }) { batch { id } } }`;

let collector: TraceCollector;
let run: TestApp;
beforeAll(async () => {
  collector = await startTraceCollector();
  run = await startTestApp({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await run.api.mutate(SEND);
  await run.api.mutate(BULK);
  await upload(run.api, csv('to', NUMBERS.uploadBatch), { with: { body: 'Rosebud' } });
});
afterAll(async () => {
  await run.stop();
  collector.stop();
});

/** The spans of the trace that begins with the one of this name, once its message is delivered. */
const traceOf = (name: string): Promise<{ root: Span; below: Span[] }> =>
  eventually(() => {
    const root = collector.spans.find((span) => span.name === name);
    const below = collector.spans.filter((span) => span.traceId === root?.traceId && span !== root);
    if (!root || !JSON.stringify(below).includes('"DELIVERED"')) throw new Error(`The trace of ${name} is not complete yet.`);
    return { root, below };
  }, 15_000);

describe.each(Object.keys(NUMBERS))('the trace of %s', (name) => {
  test('begins there and leads through queue and provider to the receipts', async () => {
    const { root, below } = await traceOf(name);
    expect(root.parentSpanId ?? '').toBe('');
    expect(new Set(below.map((span) => span.name))).toEqual(new Set(['queue', 'provider.send', 'receipt']));
    expect(new Set(below.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root.spanId]));
  });

  test('tells of one message, by its id, and neither number nor text', async () => {
    const { root, below } = await traceOf(name);
    const ids = below.flatMap(({ attributes }) =>
      attributes.filter(({ key }) => key === 'message.id').map(({ value }) => value.stringValue),
    );
    expect(ids).toHaveLength(below.length);
    expect(new Set(ids).size).toBe(1);
    expect(JSON.stringify([root, below])).not.toMatch(/Rosebud|415555/);
  });
});
