import type { Metrics } from '../platform/metrics/metrics.js';
import { traceMoment, traceSpan } from '../platform/tracing/tracing.js';
import type { MessageFact } from './message-fact.js';
import type { MessagePublisher } from './message.ports.js';

/** Every committed change passes the publisher, so this is where they are counted and traced, and nowhere else. */
export class ObservedPublisher implements MessagePublisher {
  constructor(
    private readonly publisher: MessagePublisher,
    private readonly metrics: Metrics,
  ) {}

  publish(facts: readonly MessageFact[]): void {
    this.publisher.publish(facts);
    for (const fact of facts) this.observe(fact);
  }

  private observe({ event, message }: MessageFact): void {
    const { status, previousStatus, source, provider } = event;
    if (previousStatus === null) this.metrics.accepted.inc({ channel: message.channel, category: message.category });
    if (status === 'SENDING') this.claimed({ event, message });
    if (status === 'QUEUED' && event.errorKind) this.metrics.retries.inc({ provider: provider ?? 'none', kind: event.errorKind });
    if (source === 'SCHEDULER') this.metrics.swept.inc({ status });
    if (source !== 'WEBHOOK') return;
    this.metrics.receipts.inc({ provider: provider ?? 'none', status });
    traceMoment('receipt', { 'message.id': event.messageId, 'message.status': status, provider: provider ?? '' }, message.trace);
  }

  private claimed({ event, message }: MessageFact): void {
    const [due, claimed] = [Date.parse(message.dueAt), Date.parse(event.at)];
    this.metrics.queueSeconds.observe({ lane: message.lane }, Math.max(0, claimed - due) / 1000);
    traceSpan('queue', { 'message.id': event.messageId, lane: message.lane }, message.trace, due, claimed);
  }
}
