import { ErrorKind } from '../messages/delivery-error.js';
import { percentile } from '../platform/log-histogram.js';
import type { DetailRow } from './statistics.queries.js';
import { sum } from './totals.js';

export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface ErrorCount {
  kind: ErrorKind;
  code: string | null;
  provider: string;
  count: number;
}

/** A receipt that has not come by then will not come. */
const SILENT_HOURS = 72;
const HOUR_MS = 3_600_000;

/** In seconds. */
export function percentilesOf(rows: readonly DetailRow[]): Percentiles {
  const counts = new Map<number, number>();
  for (const { name, count } of rows) counts.set(Number(name), (counts.get(Number(name)) ?? 0) + count);
  const seconds = (q: number): number | null => {
    const ms = percentile(counts, q);
    return ms === null ? null : Number((ms / 1000).toPrecision(4));
  };
  return { p50: seconds(0.5), p95: seconds(0.95), p99: seconds(0.99) };
}

/** The most frequent first. */
export function errorsOf(rows: readonly DetailRow[]): ErrorCount[] {
  return rows.map(errorOf).toSorted((a, b) => b.count - a.count);
}

function errorOf({ name, provider, count }: DetailRow): ErrorCount {
  const [kind = '', ...code] = name.split(':');
  return {
    kind: Object.values<string>(ErrorKind).includes(kind) ? (kind as ErrorKind) : ErrorKind.UNKNOWN,
    code: code.join(':') || null,
    provider: provider ?? '',
    count,
  };
}

/** How many were sent at least so long ago that no receipt is to be expected any more. */
export function silentIn(rows: readonly DetailRow[], now: Date): number {
  const hour = Math.floor(now.getTime() / HOUR_MS);
  // The whole hour in which they were sent must be over for as long.
  return sum(
    rows.filter(({ name }) => Number(name) + 1 <= hour - SILENT_HOURS),
    ({ count }) => count,
  );
}
