import type { Database } from '../platform/database/database.js';
import { DUE_AT_ONCE, MOST_DUE, type RedactionQueue } from './delivery.ports.js';
import { ProviderError } from './provider.js';
import type { ProviderDirectory } from './provider-directory.js';
import { countDueRedactions, recordRedactions, takeDueRedactions, type RedactionResult, type RedactionRow } from './redaction.queries.js';

const CONCURRENCY = 5;
/** For what comes after the last answer. */
const RECORDING_MS = 30_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3600 * 1000;
/** A provider that has not done it by then never will. */
const GIVE_UP_MS = 14 * 24 * 3600 * 1000;

/** Counts what became of each try. */
export interface RedactionCounter {
  inc(labels: { provider: string; outcome: string }): void;
}

/** Asks providers to forget what messages said. */
export class Redactions {
  constructor(
    private readonly db: Database,
    private readonly directory: ProviderDirectory,
    private readonly queue: RedactionQueue,
    private readonly counter: RedactionCounter,
    private readonly settings: { timeoutMs: number },
  ) {}

  /** By the clock: calls workers to what is due. */
  async call(): Promise<void> {
    await this.queue.callRedactions(await countDueRedactions(this.db.sql, new Date(), MOST_DUE));
  }

  /** Asks for those whose time has come, a page of them. */
  async runDue(): Promise<void> {
    const now = new Date();
    const leaseUntil = new Date(now.getTime() + Math.ceil(DUE_AT_ONCE / CONCURRENCY) * this.settings.timeoutMs + RECORDING_MS);
    const rows = await takeDueRedactions(this.db.sql, { now, leaseUntil, limit: DUE_AT_ONCE });
    const results: RedactionResult[] = [];
    const queue = rows.values();
    const worker = async (): Promise<void> => {
      for (const row of queue) results.push(await this.ask(row));
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, rows.length) }, worker));
    await recordRedactions(this.db.sql, results);
  }

  private async ask({ id, provider: name, providerMessageId, tries, requestedAt }: RedactionRow): Promise<RedactionResult> {
    const now = new Date();
    const provider = this.directory.get(name);
    try {
      // One that is no longer set up may be again.
      if (!provider?.redact) throw new ProviderError('Not set up.', 'PROVIDER_UNAVAILABLE', { answered: true, retryable: true });
      // It takes whole milliseconds only, and seconds may be fractions.
      await provider.redact(providerMessageId, AbortSignal.timeout(Math.ceil(this.settings.timeoutMs)));
      this.counter.inc({ provider: name, outcome: 'done' });
      return { id, state: 'DONE', nextAt: now, error: null };
    } catch (error) {
      const gone = now.getTime() - requestedAt.getTime() > GIVE_UP_MS;
      this.counter.inc({ provider: name, outcome: gone ? 'given_up' : 'failed' });
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(tries, 20), LONGEST_PAUSE_MS);
      return { id, state: gone ? 'GIVEN_UP' : 'PENDING', nextAt: new Date(now.getTime() + pause), error: kindOf(error) };
    }
  }
}

/** Never the text: a provider may quote what it was asked about. */
const kindOf = (error: unknown): string =>
  error instanceof ProviderError ? `${error.kind}${error.options.code ? ` ${error.options.code}` : ''}` : 'UNKNOWN';
