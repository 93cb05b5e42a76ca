import type { Metrics } from '../platform/metrics/metrics.js';
import { traceMoment, traceSpan } from '../platform/tracing/tracing.js';
import type { MessageNews } from './message-fact.js';
import type { MessagePublisher } from './message.ports.js';

/** Every committed change passes the publisher, so this is where they are counted and traced, and nowhere else. */
export class ObservedPublisher implements MessagePublisher {
  constructor(
    private readonly publisher: MessagePublisher,
    private readonly metrics: Metrics,
  ) {}

  publish(news: readonly MessageNews[]): void {
    this.publisher.publish(news);
    for (const one of news) this.observe(one);
  }

  private observe({ row, event }: MessageNews): void {
    const { status, previousStatus, source, provider } = event;
    // An alert compares what is due at once with what is claimed: a code for tomorrow is not one that nobody sends.
    if (previousStatus === null)
      this.metrics.accepted.inc({ channel: row.channel, category: row.category, due: status === 'SCHEDULED' ? 'later' : 'now' });
    if (status === 'SENDING') this.claimed({ row, event });
    if (status === 'QUEUED' && event.errorKind) this.metrics.retries.inc({ provider: provider ?? 'none', kind: event.errorKind });
    if (source === 'SCHEDULER') this.metrics.swept.inc({ status });
    // What an opt-out takes back names no provider: nobody was asked, and nothing was reported of it.
    if (source !== 'WEBHOOK' || provider === null) return;
    // A message that is tried again is QUEUED by the report of its failure.
    const reported = event.errorKind ? 'FAILED' : status;
    this.metrics.receipts.inc({ provider, status: reported });
    traceMoment('receipt', { 'message.id': event.messageId, 'message.status': reported, provider }, row.trace);
  }

  private claimed({ row, event }: Pick<MessageNews, 'row' | 'event'>): void {
    const [due, claimed] = [row.dueAt.getTime(), event.at.getTime()];
    this.metrics.queueSeconds.observe({ lane: row.lane }, Math.max(0, claimed - due) / 1000);
    traceSpan('queue', { 'message.id': event.messageId, lane: row.lane }, row.trace, due, claimed);
  }
}
