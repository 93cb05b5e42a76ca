import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracing } from '../../../src/platform/tracing/start-tracing.js';
import { traced, tracePlace } from '../../../src/platform/tracing/tracing.js';
import { startTraceCollector, type TraceCollector } from '../../support/trace-collector.js';

let collector: TraceCollector;
beforeAll(async () => {
  collector = await startTraceCollector();
});
afterAll(() => collector.stop());

const placeWithin = (name: string): Promise<string | null> => traced(name, {}, () => Promise.resolve(tracePlace()));

test('tracing lasts from its start to its stop, which hands over what is left, and may begin anew', async () => {
  for (const name of ['first', 'second']) {
    const stop = startTracing(collector.url, 'api', pino({ level: 'silent' }));
    expect(await placeWithin(name)).not.toBeNull();
    await stop(2_000);
    expect(await placeWithin('afterwards')).toBeNull();
  }
  expect(collector.spans.map(({ name }) => name)).toEqual(['first', 'second']);
});
