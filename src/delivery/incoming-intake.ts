import type { Logger } from 'pino';
import type { Database } from '../platform/database/database.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import type { IncomingMessages } from './delivery.ports.js';
import type { IncomingMessage } from './provider.js';
import { settleParked, type JournalRow } from './webhook-journal.queries.js';

/** Senders whose messages are applied at the same time. */
const CONCURRENCY = 4;

/** In memory. More stay in the journal alone, and have another turn when these are through. */
const MOST_WAITING = 5_000;

interface Waiting {
  row: JournalRow;
  message: IncomingMessage;
  done: () => void;
}

/** Hands on what the journal holds of people's messages: those of one sender one after the other, in the order they came. */
export class IncomingIntake {
  private readonly bySender = new Map<string, Waiting[]>();
  /** Ids of the journal. */
  private readonly held = new Set<string>();
  private readonly running = new Set<Promise<void>>();
  private free = CONCURRENCY;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly messages: IncomingMessages,
    private readonly log: Logger,
    private readonly mostWaiting = MOST_WAITING,
  ) {}

  /** Resolves when it has had its turn. Never throws: what fails stays parked, and has another turn. */
  add(row: JournalRow, message: IncomingMessage): Promise<void> {
    if (this.held.has(row.id) || this.held.size >= this.mostWaiting) return Promise.resolve();
    this.held.add(row.id);
    const { promise, resolve: done } = Promise.withResolvers<void>();
    const sender = `${row.provider} ${message.channel} ${message.from}`;
    const waiting = this.bySender.get(sender);
    if (waiting) waiting.push({ row, message, done });
    else this.begin(sender, [{ row, message, done }]);
    return promise;
  }

  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  /** Entries that have waited: after a crash, or because their sender wrote very much. */
  async retry(rows: readonly JournalRow[]): Promise<void> {
    const unreadable: string[] = [];
    const turns: Promise<void>[] = [];
    for (const row of rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
      try {
        turns.push(this.add(row, (this.sealer.open(row.sealed, row.provider) as { incoming: IncomingMessage }).incoming));
      } catch (error) {
        if (!(error instanceof UnsealError)) throw error;
        unreadable.push(row.id);
      }
    await settleParked(
      this.db.sql,
      unreadable.map((id) => ({ id, state: 'UNKNOWN', messageId: null })),
    );
    // Not for all that runs: while others write, there is always something.
    await Promise.all(turns);
  }

  private begin(sender: string, own: Waiting[]): void {
    this.bySender.set(sender, own);
    const run: Promise<void> = this.work(sender, own).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async work(sender: string, waiting: Waiting[]): Promise<void> {
    await this.enter();
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await this.apply(next);
        this.held.delete(next.row.id);
        next.done();
      }
    } finally {
      this.bySender.delete(sender);
      this.leave();
    }
  }

  private async apply({ row, message }: Waiting): Promise<void> {
    const { id, provider, receivedAt } = row;
    try {
      await this.messages.receive({
        id,
        provider,
        message,
        receivedAt,
        settle: async (tx) => (await settleParked(tx, [{ id, state: 'APPLIED', messageId: null }])) === 1,
      });
    } catch (error) {
      this.log.warn({ err: error, journalId: id }, 'an incoming message could not be applied; it is tried again');
    }
  }

  private async enter(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  private leave(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.free++;
  }
}
