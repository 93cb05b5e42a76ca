import { context, propagation, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Tracer } from '@opentelemetry/api';

/**
 * Traces of a message from the mutation over queue and provider to its receipts, as one trace: the message's row carries
 * the trace's place (`traceparent`), as no call stack reaches from one process to the next. Without a collector
 * (OTEL_EXPORTER_OTLP_ENDPOINT) the API of OpenTelemetry does nothing, and so does this.
 */
/** Asked for each time: one that is kept would go on with the collector of its first span. */
const tracer = (): Tracer => trace.getTracer('heliograph');

const below = (place: string): Context => propagation.extract(context.active(), { traceparent: place });

/** The place of the span under way, to be kept; null when nothing is traced. */
export function tracePlace(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** Runs `work` in a span that begins a trace, or goes on with the one under way. */
export const traced = <T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> =>
  inSpan(name, attributes, SpanKind.SERVER, context.active(), work);

/** Runs a call to the outside in a span below a kept place; without one, nothing is traced. */
export const tracedCall = <T>(name: string, attributes: Attributes, place: string | null, work: () => Promise<T>): Promise<T> =>
  place === null ? work() : inSpan(name, attributes, SpanKind.CLIENT, below(place), work);

/** Something that took from `start` to `end` (milliseconds since 1970), told afterwards. */
export function traceSpan(name: string, attributes: Attributes, place: string | null, start: number, end: number): void {
  if (place === null) return;
  tracer().startSpan(name, { attributes, kind: SpanKind.CONSUMER, startTime: start }, below(place)).end(end);
}

/** Something that happened at one moment: a receipt. */
export function traceMoment(name: string, attributes: Attributes, place: string | null): void {
  if (place === null) return;
  tracer().startSpan(name, { attributes, kind: SpanKind.CONSUMER }, below(place)).end();
}

function inSpan<T>(name: string, attributes: Attributes, kind: SpanKind, parent: Context, work: () => Promise<T>): Promise<T> {
  return tracer().startActiveSpan(name, { attributes, kind }, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      // The name only: messages of errors may quote what somebody typed.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'Error' });
      throw error;
    } finally {
      span.end();
    }
  });
}
