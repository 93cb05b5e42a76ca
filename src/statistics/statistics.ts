import DataLoader from 'dataloader';
import { AppError } from '../errors.js';
import { countName, Detail, type Count } from '../messages/message-figures.js';
import { MESSAGE_STATUSES, type MessageStatus } from '../messages/message-status.js';
import type { Money } from '../vocabulary.js';
import type { Bucket } from './bucket.js';
import { chargesOf, costIn, currencyOf, moneyIn } from './charges.js';
import { errorsOf, percentilesOf, silentIn, type ErrorCount, type Percentiles } from './details.js';
import type { Part, Series } from './read-parts.js';
import type { Span } from './span.js';
import type { DetailRow, TemplateRow, TotalRow } from './statistics.queries.js';
import { breakdown, sumsOf, rate, STATUS_COUNTS, sum, addSums, type DimensionFigures } from './totals.js';

export interface SeriesPoint {
  at: Date;
  total: number;
  delivered: number;
  failed: number;
  cost: string | null;
}

/** The figures of one span, each read when it is asked for. */
export class Statistics {
  readonly from: Date;
  readonly to: Date;
  private readonly loader: DataLoader<Part, unknown, string>;
  private readonly asked = new Map<string, Part>();

  constructor(
    span: Span,
    private readonly tenantCurrency: string,
    private readonly now: Date,
    read: (parts: readonly Part[]) => Promise<unknown[]>,
  ) {
    this.from = span.from;
    this.to = span.to;
    this.loader = new DataLoader(read, { cacheKeyFn: (part) => JSON.stringify(part) });
  }

  total(): Promise<number> {
    return this.count(...STATUS_COUNTS);
  }

  segments(): Promise<number> {
    return this.count('segments');
  }

  async successRate(): Promise<number> {
    return this.ofEnded(await this.delivered());
  }

  async withinObjectiveRate(): Promise<number> {
    return this.ofEnded(await this.count('onTime'));
  }

  /** Of what was delivered on channels that tell of reading. */
  async readRate(): Promise<number> {
    const telling = (await this.totals()).filter(({ channel }) => channel !== 'SMS');
    const read = sum(telling, (row) => row.read);
    return rate(read, read + sum(telling, ({ delivered }) => delivered));
  }

  async retrySuccessRate(): Promise<number> {
    const succeeded = await this.count('retriedDelivered');
    return rate(succeeded, succeeded + (await this.count('retriedFailed')));
  }

  async unconfirmed(): Promise<number> {
    return silentIn(await this.details(Detail.sent), this.now);
  }

  async byStatus(): Promise<{ status: MessageStatus; count: number }[]> {
    const rows = await this.totals();
    return MESSAGE_STATUSES.map((status) => ({ status, count: sum(rows, (row) => row[countName(status)]) })).filter(
      ({ count }) => count !== 0,
    );
  }

  byChannel(): Promise<DimensionFigures[]> {
    return this.by(({ channel }) => channel);
  }

  byProvider(): Promise<DimensionFigures[]> {
    return this.by(({ provider }) => provider);
  }

  byCategory(): Promise<DimensionFigures[]> {
    return this.by(({ category }) => category);
  }

  async byTemplate(first: number): Promise<DimensionFigures[]> {
    const [rows, currency] = await Promise.all([this.load<TemplateRow[]>({ of: 'templates' }), this.currency()]);
    return breakdown(rows, ({ templateCode }) => templateCode, currency).slice(0, first);
  }

  deliverySeconds(): Promise<Percentiles> {
    return this.percentiles(Detail.delivery);
  }

  queueSeconds(): Promise<Percentiles> {
    return this.percentiles(Detail.queue);
  }

  providerSeconds(): Promise<Percentiles> {
    return this.percentiles(Detail.provider);
  }

  /** The most frequent first. */
  async errors(first: number): Promise<ErrorCount[]> {
    return errorsOf(await this.details(Detail.error)).slice(0, first);
  }

  async cost(): Promise<Money | null> {
    const [rows, currency] = await Promise.all([this.totals(), this.currency()]);
    return moneyIn(currency, rows);
  }

  async costs(): Promise<Money[]> {
    return chargesOf(await this.totals());
  }

  async series(bucket: Bucket): Promise<SeriesPoint[]> {
    const [{ starts, rows }, currency] = await Promise.all([this.load<Series>({ of: 'series', bucket }), this.currency()]);
    const byIndex = Map.groupBy(rows, ({ index }) => index);
    return starts.map((at, index) => {
      const own = byIndex.get(index) ?? [];
      return { at, ...addSums(own), cost: costIn(currency, own) };
    });
  }

  /** Whether those who have read `earlier` would see the same here. True where nobody has: they will see the present. */
  async showsSame(earlier: Statistics): Promise<boolean> {
    const parts = [...earlier.asked.values()];
    const now = await Promise.all(parts.map((part) => this.shown(part)));
    const before = await Promise.all(parts.map((part) => earlier.shown(part).catch(() => null)));
    return JSON.stringify(now) === JSON.stringify(before);
  }

  private async shown(part: Part): Promise<unknown> {
    try {
      return await this.load(part);
    } catch (error) {
      if (error instanceof AppError) return error.message;
      throw error;
    }
  }

  private load<T>(part: Part): Promise<T> {
    this.asked.set(JSON.stringify(part), part);
    return this.loader.load(part) as Promise<T>;
  }

  private totals(): Promise<TotalRow[]> {
    return this.load({ of: 'totals' });
  }

  private async details(kind: Detail): Promise<DetailRow[]> {
    return (await this.load<DetailRow[]>({ of: 'details' })).filter((row) => row.kind === kind);
  }

  private async currency(): Promise<string | null> {
    return currencyOf(await this.totals(), this.tenantCurrency);
  }

  private async count(...names: Count[]): Promise<number> {
    return sum(await this.totals(), (row) => sum(names, (name) => row[name]));
  }

  private delivered(): Promise<number> {
    return this.count('delivered', 'read');
  }

  /** The share in what was delivered or failed. */
  private async ofEnded(part: number): Promise<number> {
    return rate(part, (await this.delivered()) + (await this.count('failed')));
  }

  private async by(keyOf: (row: TotalRow) => string | null): Promise<DimensionFigures[]> {
    const rows = (await this.totals()).map(sumsOf);
    return breakdown(rows, keyOf, await this.currency());
  }

  private async percentiles(kind: Detail): Promise<Percentiles> {
    return percentilesOf(await this.details(kind));
  }
}
