import { COUNTS, currencyOf, Detail, figuresOf, minuteOf, type Count, type FiguredRow, type FigureKey } from './message-figures.js';
import { fromMicros, microsOf, toMicros } from './money.js';

const NONE = [] as const;

/** Figures as they are stored; of a change, some are negative. */
export interface FigureRow extends FigureKey, Record<Count, number> {
  /** Exact decimal. */
  cost: string;
  /** By `<kind>:<what>`. */
  details: Record<string, number>;
}

/** Adds up the figures of any number of messages, by kind and minute. */
export class FigureSum {
  private readonly sums = new Map<string, Sum>();
  private last: Sum | null = null;

  /** With -1, takes them away. */
  add(row: FiguredRow, sign: 1 | -1): void {
    const key = keyOf(row);
    const sum = this.sumOf(key);
    sum.sign = sign;
    figuresOf(row, sum);
    for (const { currency, amount } of row.earlierCharges ?? NONE) {
      const earlier = this.sumOf({ ...key, currency });
      earlier.sign = sign;
      earlier.cost(microsOf(amount));
    }
  }

  addRow(row: FigureRow, sign: 1 | -1): void {
    const { tenantId, at, channel, category, provider, currency, templateCode, batchId } = row;
    this.sumOf({ tenantId, at, channel, category, provider, currency, templateCode, batchId }).addRow(row, sign);
  }

  /** Without those that come to nothing. */
  rows(): FigureRow[] {
    return [...this.sums.values()].flatMap((sum) => sum.row() ?? []);
  }

  private sumOf(key: FigureKey): Sum {
    // Neighbours are mostly of one kind and minute.
    if (this.last?.isOf(key)) return this.last;
    const text = JSON.stringify(Object.values(key));
    this.last = this.sums.get(text) ?? new Sum(key);
    this.sums.set(text, this.last);
    return this.last;
  }
}

const keyOf = (row: FiguredRow): FigureKey => ({
  tenantId: row.tenantId,
  at: new Date(minuteOf(row)),
  channel: row.channel,
  category: row.category,
  provider: row.provider,
  currency: currencyOf(row),
  templateCode: row.templateCode,
  batchId: row.batchId,
});

class Sum {
  sign: 1 | -1 = 1;
  private readonly counts = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<Count, number>;
  private readonly details = new Map<string, number>();
  private micros = 0n;

  constructor(private readonly key: FigureKey) {}

  isOf({ tenantId, at, channel, category, provider, currency, templateCode, batchId }: FigureKey): boolean {
    const { key } = this;
    return (
      key.tenantId === tenantId &&
      key.at.getTime() === at.getTime() &&
      key.channel === channel &&
      key.category === category &&
      key.provider === provider &&
      key.currency === currency &&
      key.templateCode === templateCode &&
      key.batchId === batchId
    );
  }

  count(name: Count, value: number): void {
    this.counts[name] += this.sign * value;
  }

  detail(kind: Detail, what: number | string): void {
    this.addDetail(`${kind}:${what}`, this.sign);
  }

  cost(micros: bigint): void {
    this.micros += this.sign === 1 ? micros : -micros;
  }

  expected(currency: string, micros: bigint): void {
    this.addDetail(`${Detail.expected}:${currency}`, this.sign * Number(micros));
  }

  addRow(row: FigureRow, sign: 1 | -1): void {
    this.sign = sign;
    for (const name of COUNTS) this.count(name, row[name]);
    for (const [name, value] of Object.entries(row.details)) this.addDetail(name, sign * value);
    this.cost(toMicros(row.cost));
  }

  /** Null where all is zero. */
  row(): FigureRow | null {
    const details = [...this.details].filter(([, value]) => value !== 0);
    if (this.micros === 0n && details.length === 0 && COUNTS.every((name) => this.counts[name] === 0)) return null;
    return { ...this.key, ...this.counts, cost: fromMicros(this.micros), details: Object.fromEntries(details) };
  }

  private addDetail(name: string, value: number): void {
    this.details.set(name, (this.details.get(name) ?? 0) + value);
  }
}
