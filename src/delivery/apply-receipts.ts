import type { Transaction } from 'kysely';
import { applyChanges, lockMessages, type Change } from '../messages/message-changes.js';
import type { MessageNews } from '../messages/message-fact.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import type { Database } from '../platform/database/database.js';
import type { Fallback, Takeovers } from './fallback.js';
import type { OptOuts } from './opt-outs.js';
import type { OutcomeSettings } from './outcome.js';
import { receiptChange, type Report } from './receipt-change.js';
import { messagesOf, recordKey } from './provider-record.queries.js';

export interface Applied {
  /** By report, in their order: our message's id, or null where none was found. */
  messageIds: (string | null)[];
  /** Messages of which nothing may be kept that names the person. */
  erased: ReadonlySet<string>;
  news: MessageNews[];
  takeovers: Takeovers;
  /** To be called after the commit. */
  optedOut: () => void;
}

/** Applies providers' reports, any number at once, several of one message in their order. */
export class ReceiptApplier {
  constructor(
    private readonly db: Database,
    private readonly fallback: Fallback,
    private readonly optOuts: OptOuts,
    private readonly publisher: MessagePublisher,
    private readonly settings: OutcomeSettings,
  ) {}

  /** `alongside` writes in the same transaction: the journal, for webhooks. */
  async apply(
    reports: readonly Report[],
    alongside: (tx: Transaction<unknown>, applied: Applied) => Promise<void> = async () => undefined,
  ): Promise<Applied> {
    const applied = await this.db.transaction(async (tx) => {
      const result = await this.applyIn(tx, reports);
      await alongside(tx, result);
      return result;
    });
    this.publisher.publish(applied.news);
    applied.optedOut();
    await this.fallback.announce(applied.takeovers);
    return applied;
  }

  private async applyIn(tx: Transaction<unknown>, reports: readonly Report[]): Promise<Applied> {
    const ids = await this.resolve(tx, reports);
    const rows = new Map((await lockMessages(tx, [...new Set(ids.flatMap((id) => id ?? []))])).map((row) => [row.id, row]));
    const changes: Change[] = [];
    reports.forEach((report, index) => {
      const row = rows.get(ids[index] ?? '');
      if (!row || report.receipt.status === null) return;
      const change = receiptChange(row, report, this.settings);
      changes.push(change);
      rows.set(row.id, { ...row, ...change.set });
    });
    const takeovers = await this.fallback.takeOver(tx, changes, new Date());
    const { news } = await applyChanges(tx, changes);
    const optedOut = await this.optOuts.record(tx, changes);
    const erased = new Set([...rows.values()].flatMap(({ id, sealed }) => (sealed === null ? [id] : [])));
    return { messageIds: ids.map((id) => (id && rows.has(id) ? id : null)), erased, news, takeovers, optedOut };
  }

  private async resolve(tx: Transaction<unknown>, reports: readonly Report[]): Promise<(string | null)[]> {
    const records = reports.map(({ receipt: { messageId, providerMessageId }, provider }) =>
      messageId === null && providerMessageId !== null ? { provider, providerMessageId } : null,
    );
    const found = await messagesOf(
      tx,
      records.filter((record) => record !== null),
    );
    return reports.map(({ receipt }, index) => {
      const record = records[index];
      return receipt.messageId ?? (record ? (found.get(recordKey(record)) ?? null) : null);
    });
  }
}
