import { setTimeout as sleep } from 'node:timers/promises';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** A scrape asks for everything within this. */
const SCRAPE_MS = 500;
/** Prometheus gives a scrape ten seconds. */
const PATIENCE_MS = 2_000;

/** Waiting jobs of a queue, for the gauges that are read at each scrape. */
export interface QueueDepth {
  name: string;
  waiting: number;
  active: number;
  oldestWaitingSeconds: number | null;
}

/** What Prometheus reads at /metrics. One per process; names and labels are described in docs/operations.md. */
export class Metrics {
  readonly registry = new Registry();

  readonly accepted = this.counter('heliograph_messages_accepted_total', 'Messages accepted', ['channel', 'category', 'due']);
  readonly outcomes = this.counter('heliograph_provider_calls_total', 'Provider calls by what became of them', ['provider', 'outcome']);
  readonly providerSeconds = this.histogram('heliograph_provider_call_seconds', "The provider's own answer", ['provider']);
  readonly queueSeconds = this.histogram('heliograph_queue_seconds', 'From due to the provider call', ['lane']);
  readonly receipts = this.counter('heliograph_receipts_total', 'Receipts by what they say', ['provider', 'status']);
  readonly inbound = this.counter('heliograph_inbound_messages_total', 'Messages from people', ['channel', 'intent', 'answer']);
  readonly retries = this.counter('heliograph_retries_total', 'Attempts that will be repeated', ['provider', 'kind']);
  readonly swept = this.counter('heliograph_swept_total', 'Messages that the sweep moved on, by where to', ['status']);
  readonly redactions = this.counter('heliograph_redactions_total', 'What providers were asked to forget', ['provider', 'outcome']);
  readonly charges = this.counter('heliograph_charge_pages_total', "Pages of providers' books that were asked for", [
    'provider',
    'outcome',
  ]);
  readonly faults = this.counter('heliograph_graphql_errors_total', 'Faults of ours that operations met', ['code']);
  readonly operations = this.counter('heliograph_graphql_operations_total', 'Operations, over HTTP and sockets', []);
  readonly failedResults = this.counter(
    'heliograph_graphql_failed_results_total',
    'Answers, and news to a subscriber, with a fault of ours',
    [],
  );
  /** Not `job`: Prometheus keeps that label for itself. */
  readonly jobRuns = this.counter('heliograph_clock_job_runs_total', 'Runs of clock jobs', ['name', 'outcome']);
  readonly requests = this.histogram('heliograph_http_request_seconds', 'HTTP requests', ['method', 'route', 'status']);

  constructor() {
    // Event-loop lag, memory, garbage collection.
    collectDefaultMetrics({ register: this.registry });
    this.beginAtZero(this.swept, { status: 'UNCONFIRMED' });
    for (const code of ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE']) this.beginAtZero(this.faults, { code });
    // The first message after a start must not look as if it were accepted and not claimed.
    for (const channel of ['SMS', 'WHATSAPP']) this.beginAtZero(this.accepted, { channel, category: 'AUTHENTICATION', due: 'now' });
    for (const lane of ['otp', 'transactional', 'bulk']) this.queueSeconds.zero({ lane });
  }

  /** For a series to which something happens rarely: Prometheus takes the value that it first sees for what was always there. */
  private beginAtZero<L extends string>(counter: Counter<L>, labels: Record<L, string>): void {
    counter.inc(labels, 0);
  }

  /** What alerts ask of each provider. */
  watchProvider(provider: string): void {
    this.beginAtZero(this.outcomes, { provider, outcome: 'unanswered' });
    this.beginAtZero(this.redactions, { provider, outcome: 'given_up' });
    for (const outcome of ['done', 'failed']) this.beginAtZero(this.charges, { provider, outcome });
  }

  /** Of a process that runs clock jobs. */
  watchJob(name: string): void {
    for (const outcome of ['done', 'failed']) this.beginAtZero(this.jobRuns, { name, outcome });
  }

  /** Depth and age of the queues. */
  watchQueues(figures: () => Promise<readonly QueueDepth[]>): void {
    this.watchEach('queue', figures, {
      heliograph_queue_waiting_jobs: ['Jobs that wait', ({ waiting }) => waiting],
      heliograph_queue_active_jobs: ['Jobs under way', ({ active }) => active],
      heliograph_queue_oldest_seconds: ['Age of the job that waits longest', ({ oldestWaitingSeconds }) => oldestWaitingSeconds ?? 0],
    });
  }

  /** Gauges of the same figures, which are asked for once at each scrape, with the name of each thing that they are about as `label`. */
  watchEach<T extends { name: string }>(
    label: string,
    figures: () => Promise<readonly T[]>,
    gauges: Record<string, [help: string, value: (figure: T) => number]>,
  ): void {
    let asked: Promise<readonly T[]> | null = null;
    // Where a server does not answer, there is nothing to say of this, and what was true before must not stay: alerts ask
    // whether it is there. The rest matters then more than ever.
    const latest = (): Promise<readonly T[]> =>
      (asked ??= Promise.race([figures(), sleep(PATIENCE_MS, [], { ref: false })])
        .catch(() => [])
        .finally(() => setTimeout(() => (asked = null), SCRAPE_MS).unref()));
    for (const [name, [help, value]] of Object.entries(gauges))
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [this.registry],
        async collect() {
          const found = await latest();
          this.reset();
          for (const figure of found) this.set({ [label]: figure.name }, value(figure));
        },
      });
  }

  /** Read at each scrape. */
  watch(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  private counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }
}
