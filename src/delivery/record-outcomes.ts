import { setTimeout as pause } from 'node:timers/promises';
import { applyChanges, lockMessages } from '../messages/message-changes.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import { Collector } from '../platform/batching/collector.js';
import { isUnavailable, type Database } from '../platform/database/database.js';
import type { Fallback } from './fallback.js';
import type { OptOuts } from './opt-outs.js';
import { outcomeChange, type Outcome, type OutcomeSettings } from './outcome.js';

/** How long what a provider has answered is kept for a database that is away. */
const PATIENCE_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Writes down what became of claimed messages, in groups of whatever answers arrive together. */
export class OutcomeRecorder {
  private readonly collector: Collector<Outcome>;

  constructor(
    private readonly db: Database,
    private readonly fallback: Fallback,
    private readonly optOuts: OptOuts,
    private readonly publisher: MessagePublisher,
    private readonly settings: OutcomeSettings,
  ) {
    this.collector = new Collector({
      maxItems: 500,
      maxWaitMs: 4,
      concurrency: 2,
      work: (outcomes) => this.record(outcomes),
      isFinal: isUnavailable,
    });
  }

  /**
   * Resolves when the outcome is durable. While the database is away it waits, because what the provider answered is known
   * only here; `signal` ends that. What cannot be written down is found by a look-up at the provider, once the lease is over.
   */
  async add(outcome: Outcome, signal?: AbortSignal): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.collector.add(outcome);
      } catch (error) {
        if (!isUnavailable(error) || signal?.aborted || Date.now() + pauseMs > until) throw error;
        await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async record(outcomes: Outcome[]): Promise<void> {
    const { facts, takeovers, optedOut } = await this.db.transaction(async (tx) => {
      const ids = outcomes.map(({ messageId }) => messageId);
      const rows = new Map((await lockMessages(tx, ids)).map((row) => [row.id, row]));
      const changes = outcomes.flatMap((outcome) => {
        const row = rows.get(outcome.messageId);
        return row ? [outcomeChange(row, outcome, this.settings)] : [];
      });
      const followed = await this.fallback.takeOver(tx, changes, new Date());
      return { facts: await applyChanges(tx, changes), takeovers: followed, optedOut: await this.optOuts.record(tx, changes) };
    });
    this.publisher.publish(facts);
    optedOut();
    await this.fallback.announce(takeovers);
  }
}
