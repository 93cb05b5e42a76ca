import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { applyChanges, lockMessages, lockStates, type RowState } from '../messages/message-changes.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import { Collector } from '../platform/batching/collector.js';
import { isPassing, type Database } from '../platform/database/database.js';
import type { Fallback } from './fallback.js';
import type { OptOuts } from './opt-outs.js';
import { outcomeChange, type Outcome, type OutcomeSettings } from './outcome.js';

/** How long what a provider has answered is kept for a database that is away or in trouble. */
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
      worthAnother: 200,
      work: (outcomes) => this.record(outcomes),
      isFinal: isPassing,
    });
  }

  /**
   * Resolves when the outcome is durable. While the database is away or in trouble it waits, because what the provider answered is known
   * only here; `signal` ends that. What cannot be written down is found by a look-up at the provider, once the lease is over.
   */
  async add(outcome: Outcome, signal?: AbortSignal): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.collector.add(outcome);
      } catch (error) {
        if (!isPassing(error) || signal?.aborted || Date.now() + pauseMs > until) throw error;
        await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async record(outcomes: Outcome[]): Promise<void> {
    const { news, takeovers, optedOut } = await this.db.transaction(async (tx) => {
      const rows = await lockedRows(tx, outcomes);
      const changes = outcomes.flatMap((outcome) => {
        const row = rows.get(outcome.messageId);
        return row ? [outcomeChange(row, outcome, this.settings)] : [];
      });
      const followed = await this.fallback.takeOver(tx, changes, new Date());
      const applied = await applyChanges(tx, changes);
      return { news: applied.news, takeovers: followed, optedOut: await this.optOuts.record(tx, changes) };
    });
    this.publisher.publish(news);
    optedOut();
    await this.fallback.announce(takeovers);
  }
}

/**
 * The rows under their locks. Most are as their claim left them, and are not read again: a row has fifty columns. What a
 * receipt or the sweep has moved meanwhile has another status or fence; what an erasure has stopped, no attempts left.
 */
async function lockedRows(tx: Transaction<unknown>, outcomes: readonly Outcome[]): Promise<Map<string, MessageRow>> {
  const states = await lockStates(
    tx,
    outcomes.map(({ messageId }) => messageId),
  );
  const rows = new Map<string, MessageRow>();
  for (const { messageId, claimed } of outcomes) {
    const state = states.get(messageId);
    if (claimed && state && isAsLeft(state, claimed)) rows.set(messageId, claimed);
  }
  const moved = outcomes.flatMap(({ messageId }) => (rows.has(messageId) ? [] : [messageId]));
  if (moved.length > 0) for (const row of await lockMessages(tx, moved)) rows.set(row.id, row);
  return rows;
}

const isAsLeft = (now: RowState, left: MessageRow): boolean =>
  now.status === left.status && now.claims === left.claims && now.maxAttempts === left.maxAttempts;
