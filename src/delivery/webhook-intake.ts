import { Collector } from '../platform/batching/collector.js';
import { isPassing, type Database } from '../platform/database/database.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import type { ReceiptApplier } from './apply-receipts.js';
import type { IncomingIntake } from './incoming-intake.js';
import type { IncomingMessage, Receipt } from './provider.js';
import type { Report } from './receipt-change.js';
import { blankEntries, insertJournal, settleParked, takeParked, type JournalRow, type Settled } from './webhook-journal.queries.js';

/** A verified webhook with what it says. */
export interface Webhook {
  provider: string;
  rawBody: string;
  receipts: Receipt[];
  incoming: IncomingMessage[];
  receivedAt: Date;
}

const PARK_MS = 5_000;
const PARKED_FOR_MS = 24 * 3600 * 1000;

/**
 * Journals webhooks and applies their receipts, in groups; the provider's answer waits for the commit. Messages from people
 * are applied behind it.
 */
export class WebhookIntake {
  private readonly collector: Collector<Webhook>;

  constructor(
    private readonly db: Database,
    private readonly applier: ReceiptApplier,
    private readonly sealer: Sealer,
    private readonly incoming: IncomingIntake,
  ) {
    this.collector = new Collector({
      maxItems: 300,
      maxWaitMs: 3,
      concurrency: 3,
      worthAnother: 80,
      work: (webhooks) => this.store(webhooks),
      isFinal: isPassing,
    });
  }

  /** Resolves when what the webhook says is durable. */
  add(webhook: Webhook): Promise<void> {
    return this.collector.add(webhook);
  }

  async idle(): Promise<void> {
    await this.collector.idle();
    await this.incoming.idle();
  }

  /** Receipts whose message was not known when they came, and incoming messages that nobody has applied. Returns how many were looked at. */
  async retryParked(limit = 500): Promise<number> {
    const now = new Date();
    const parked = await takeParked(this.db.sql, now, limit);
    await this.retryReceipts(
      parked.filter(({ kind }) => kind === 'RECEIPT'),
      now,
    );
    await this.incoming.retry(parked.filter(({ kind }) => kind === 'INCOMING'));
    return parked.length;
  }

  private async retryReceipts(taken: readonly JournalRow[], now: Date): Promise<void> {
    if (taken.length === 0) return;
    const entries = taken.flatMap((entry) => this.opened(entry));
    const unreadable = taken.filter(({ id }) => !entries.some((entry) => entry.id === id));
    await this.applier.apply(
      entries.map(({ report }) => report),
      async (tx, { messageIds, erased }) => {
        const settled = entries.flatMap(({ id, report }, index): Settled[] => {
          const messageId = messageIds[index] ?? null;
          if (messageId) return [{ id, state: 'APPLIED', messageId }];
          return now.getTime() - report.at.getTime() > PARKED_FOR_MS ? [{ id, state: 'UNKNOWN', messageId }] : [];
        });
        await settleParked(tx, [...settled, ...unreadable.map(({ id }): Settled => ({ id, state: 'UNKNOWN', messageId: null }))]);
        await blankEntries(
          tx,
          settled.flatMap(({ id, messageId }) => (messageId && erased.has(messageId) ? [id] : [])),
        );
      },
    );
  }

  private async store(webhooks: Webhook[]): Promise<void> {
    const received = webhooks.flatMap((webhook) => webhook.receipts.map((receipt) => ({ webhook, receipt })));
    const reports = received.map(({ webhook, receipt }) => reportFrom(webhook.provider, receipt, webhook.receivedAt));
    const incoming = webhooks.flatMap((webhook) =>
      webhook.incoming.map((message) => ({ message, row: this.incomingEntry(webhook, message) })),
    );
    await this.applier.apply(reports, async (tx, { messageIds, erased }) => {
      const entries = received.map(({ webhook, receipt }, index) => {
        const messageId = messageIds[index] ?? null;
        return { ...this.receiptEntry(webhook, receipt, messageId), ...(messageId && erased.has(messageId) && { sealed: null }) };
      });
      await insertJournal(tx, [...entries, ...incoming.map(({ row }) => row)]);
    });
    for (const { row, message } of incoming) void this.incoming.add(row, message);
  }

  private receiptEntry(webhook: Webhook, receipt: Receipt, messageId: string | null): JournalRow {
    const state = messageId ? 'APPLIED' : receipt.status === null ? 'IGNORED' : 'PARKED';
    return {
      ...this.entry(webhook, { receipt }),
      kind: 'RECEIPT',
      state,
      messageId,
      providerMessageId: receipt.providerMessageId,
      dedupeKey: receipt.dedupeKey,
      nextAttemptAt: state === 'PARKED' ? new Date(webhook.receivedAt.getTime() + PARK_MS) : null,
    };
  }

  private incomingEntry(webhook: Webhook, incoming: IncomingMessage): JournalRow {
    return {
      ...this.entry(webhook, { incoming }),
      kind: 'INCOMING',
      state: 'PARKED',
      messageId: null,
      providerMessageId: incoming.providerMessageId,
      dedupeKey: incoming.providerMessageId,
      // Applied right after the commit; this is for when the process ends before.
      nextAttemptAt: new Date(webhook.receivedAt.getTime() + PARK_MS),
    };
  }

  private entry(
    { provider, rawBody, receivedAt }: Webhook,
    understood: object,
  ): Pick<JournalRow, 'id' | 'provider' | 'sealed' | 'receivedAt'> {
    return { id: newId(), provider, sealed: this.sealer.seal({ rawBody, ...understood }, provider), receivedAt };
  }

  /** Nothing for an entry whose key is missing: it must not keep the others from their turn. */
  private opened({ id, provider, sealed, receivedAt }: JournalRow): { id: string; report: Report }[] {
    try {
      const { receipt } = this.sealer.open(sealed, provider) as { receipt: Receipt };
      return [{ id, report: reportFrom(provider, receipt, receivedAt) }];
    } catch (error) {
      if (error instanceof UnsealError) return [];
      throw error;
    }
  }
}

const reportFrom = (provider: string, receipt: Receipt, at: Date): Report => ({ receipt, provider, source: 'WEBHOOK', at });
