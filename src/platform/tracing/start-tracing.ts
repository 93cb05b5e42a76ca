import { setTimeout as delay } from 'node:timers/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Logger } from 'pino';

/** A collector that is there takes milliseconds. */
const LAST_MS = 2_000;

/**
 * Sends spans to the collector at `endpoint` (its base URL). Returns how to stop, which sends what is left, for so long at most; it
 * never fails: traces that are lost hold up no process.
 */
export function startTracing(endpoint: string, role: string, log: Logger): (mostMs: number) => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'heliograph', 'service.instance.role': role }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return async (mostMs) => {
    // Not undone by the provider's shutdown: whatever runs on in this process would keep places of traces that nobody has.
    for (const api of [trace, context, propagation]) api.disable();
    // By itself it tries again for ten seconds, longer than a stop may take.
    const late = delay(Math.min(LAST_MS, mostMs), undefined, { ref: false }).then(() => Promise.reject(new Error('No answer in time')));
    await Promise.race([provider.shutdown(), late]).catch((error: unknown) =>
      log.warn({ err: error }, 'The trace collector has not taken the last traces: check OTEL_EXPORTER_OTLP_ENDPOINT'),
    );
  };
}
